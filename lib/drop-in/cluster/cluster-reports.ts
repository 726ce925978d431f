import { ReportedRegistries } from './reported-registries.ts';

/** The registries that this process has in its cluster: as prom-client has it, one list for the process. */
export const clusterReports = new ReportedRegistries();
