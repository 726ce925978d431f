/** The rows of FinPilot's dashboard, in its order. */
export const FINPILOT_ROWS = ['System Overview', 'Scanner', 'ML / DRL', 'Auth & Security'] as const;

/** The title of one of them. */
export type FinpilotRow = (typeof FINPILOT_ROWS)[number];

/**
 * The row of each metric of FinPilot's catalogue, by its name without `finpilot_`. A spec compares it with the
 * catalogue, which this page may not import: it would carry the instruments along.
 */
export const ROW_OF_METRIC: Readonly<Record<string, FinpilotRow>> = {
  health_status: 'System Overview',
  build_info: 'System Overview',
  error_rate: 'System Overview',
  memory_usage_bytes: 'System Overview',
  active_connections: 'System Overview',
  api_latency_seconds: 'System Overview',
  scans_total: 'Scanner',
  failed_scans_total: 'Scanner',
  scan_duration_seconds: 'Scanner',
  scan_duration_p50_seconds: 'Scanner',
  scan_duration_p95_seconds: 'Scanner',
  scan_duration_p99_seconds: 'Scanner',
  signals_generated_total: 'Scanner',
  symbols_scanned_total: 'Scanner',
  symbols_matched_total: 'Scanner',
  match_rate: 'Scanner',
  training_progress_ratio: 'ML / DRL',
  training_episodes_total: 'ML / DRL',
  inference_duration_seconds: 'ML / DRL',
  auth_attempts_total: 'Auth & Security',
  rate_limit_requests_total: 'Auth & Security',
};
