// PromQL that reads a histogram, whether it is native or has classic buckets. A native one is preferred where a target has both.
{
  // Observations per second.
  count(metric, matchers, window, by)::
    'sum by (%s) (histogram_count(rate(%s{%s}[%s])) or rate(%s_count{%s}[%s]))'
    % [by, metric, matchers, window, metric, matchers, window],

  // The sum of the observed values per second.
  sum(metric, matchers, window, by)::
    'sum by (%s) (histogram_sum(rate(%s{%s}[%s])) or rate(%s_sum{%s}[%s]))'
    % [by, metric, matchers, window, metric, matchers, window],

  // The mean of the observed values. `> 0` leaves out what was not observed: no series is plainer than NaN.
  mean(metric, matchers, window, by)::
    '%s\n  / (%s > 0)' % [$.sum(metric, matchers, window, by), $.count(metric, matchers, window, by)],

  // `>= 0` leaves out the quantile of no observation.
  quantile(q, metric, matchers, window, by='')::
    local classicBy = if by == '' then 'le' else 'le, ' + by;
    'histogram_quantile(%g, sum by (%s) (rate(%s{%s}[%s]))) >= 0\n  or histogram_quantile(%g, sum by (%s) (rate(%s_bucket{%s}[%s]))) >= 0'
    % [q, by, metric, matchers, window, q, classicBy, metric, matchers, window],

  // Observations above a bound, per second. By instance at first, so that those of both kinds add up.
  above(bound, metric, matchers, window, by)::
    local each = by + ', instance';
    local native = 'sum by (%s) (rate(%s{%s}[%s]))' % [each, metric, matchers, window];
    // Prometheus 2 keeps the `le` of an integer as it was scraped, Prometheus 3 appends ".0".
    local le = if std.floor(bound) == bound then 'le=~"%g([.]0)?"' % bound else 'le="%g"' % bound;
    std.rstripChars(|||
      sum by (%(by)s) (
        histogram_count(%(native)s) * (1 - histogram_fraction(0, %(bound)g, %(native)s)) >= 0
          or sum by (%(each)s) (rate(%(metric)s_count{%(matchers)s}[%(window)s]))
            - sum by (%(each)s) (rate(%(metric)s_bucket{%(matchers)s, %(le)s}[%(window)s]))
      )
    ||| % { native: native, bound: bound, by: by, each: each, metric: metric, matchers: matchers, window: window, le: le }, '\n'),
}
