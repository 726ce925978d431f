{
  _config+:: {
    // The targets of Prometheus that are Node services.
    selector: 'job!=""',

    // The names of HTTP metrics, as in `instrumentHttp(registry, { names })`: 'semconv' or 'classic'.
    names: 'semconv',

    // The share of requests that may fail (status 5xx) in 30 days, and the share of the others that may take longer than
    // `latencySeconds`, which must be a bound of the histogram's buckets, unless it is native.
    errorBudgets: { availability: 0.001, latency: 0.01 },
    latencySeconds: 0.5,

    // What alerts compare with.
    thresholds: {
      routeErrors: 0.05,
      clientErrors: 0.05,
      blockedSeconds: 2,
      lagSeconds: 0.2,
      loopUtilization: 0.9,
      gcTime: 0.2,
      heap: 0.9,
      descriptors: 0.8,
      restartsPerHour: 3,
      scrapeSeconds: 5,
    },

    // Comes before the name of the alert in `runbook_url`.
    runbook: 'docs/node-monitoring.md#',

    tags: ['nodejs'],
  },
}
