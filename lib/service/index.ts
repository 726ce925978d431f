import { describeService } from './describe-service.ts';
import { exemplarsFrom } from './exemplar-source.ts';
import { openTelemetryExemplars, sentryExemplars } from './trace-exemplars.ts';

export type { ServiceDescription, ServiceOptions } from './describe-service.ts';
export type { SentryWithSpans } from './trace-exemplars.ts';
export { describeService, exemplarsFrom, openTelemetryExemplars, sentryExemplars };

/** The same names as the named exports. */
export default { describeService, exemplarsFrom, openTelemetryExemplars, sentryExemplars };
