// Records what client_golang writes for native histograms: an array of cases, each with its options, its steps, and the bytes
// of the MetricFamily at each scrape. README.md says how it was built and run.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/rand"
	"os"
	"reflect"
	"time"
	"unsafe"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/protobuf/proto"
)

// options are named as in nativeBuckets().
type options struct {
	BucketFactor       float64 `json:"bucketFactor"`
	ZeroThreshold      float64 `json:"zeroThreshold"`
	MaxBuckets         uint32  `json:"maxBuckets,omitempty"`
	MinResetDuration   float64 `json:"minResetDuration,omitempty"`
	MaxZeroThreshold   float64 `json:"maxZeroThreshold,omitempty"`
	MaxExemplars       int     `json:"maxExemplars,omitempty"`
	ExemplarAgeSeconds float64 `json:"exemplarAgeSeconds,omitempty"`
	// Beside native buckets, also in protobuf.
	ClassicBounds []float64 `json:"classicBounds,omitempty"`
}

// A step is a number to observe, {"value", "id"} to observe it with an exemplar, {"advance"} by so many seconds, or "scrape".
type oracleCase struct {
	Name    string   `json:"name"`
	Options options  `json:"options"`
	Steps   []any    `json:"steps"`
	Scrapes []string `json:"scrapes"`
}

type exemplar struct {
	Value float64 `json:"value"`
	ID    string  `json:"id"`
}

type advance struct {
	Seconds float64 `json:"advance"`
}

const scrape = "scrape"

func main() {
	if len(os.Args) == 2 && os.Args[1] == "time" {
		timeObservations()
		return
	}
	cases := allCases()
	for i := range cases {
		run(&cases[i])
	}
	out, err := json.Marshal(cases)
	if err != nil {
		panic(err)
	}
	os.Stdout.Write(append(out, '\n'))
}

// timeObservations prints how long one of a held histogram takes, as bench/cases/native.ts measures this library: values of
// the same distribution, each computed when it is observed.
func timeObservations() {
	histogram := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "native_seconds", Help: "Measured.", NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 160,
	})
	const count, rounds = 65_536, 100
	random := rand.New(rand.NewSource(2))
	values := make([]float64, count)
	for i := range values {
		values[i] = 0.05 * math.Exp(1.5*random.NormFloat64())
	}
	for round := 0; round < 5; round++ {
		started := time.Now()
		for i := 0; i < count*rounds; i++ {
			histogram.Observe(values[i&(count-1)] * 1.0001)
		}
		fmt.Printf("%.1f ns\n", float64(time.Since(started).Nanoseconds())/(count*rounds))
	}
}

func run(c *oracleCase) {
	now := time.Unix(1_700_000_000, 500_000_000)
	var due time.Time
	var reset func()
	opts := prometheus.HistogramOpts{
		Name:                            "latency_seconds",
		Help:                            "Latency.",
		NativeHistogramBucketFactor:     c.Options.BucketFactor,
		NativeHistogramZeroThreshold:    c.Options.ZeroThreshold,
		NativeHistogramMaxBucketNumber:  c.Options.MaxBuckets,
		NativeHistogramMinResetDuration: time.Duration(c.Options.MinResetDuration * float64(time.Second)),
		NativeHistogramMaxZeroThreshold: c.Options.MaxZeroThreshold,
		NativeHistogramMaxExemplars:     c.Options.MaxExemplars,
		NativeHistogramExemplarTTL:      time.Duration(c.Options.ExemplarAgeSeconds * float64(time.Second)),
		Buckets:                         c.Options.ClassicBounds,
	}
	if c.Options.ZeroThreshold == 0 {
		opts.NativeHistogramZeroThreshold = prometheus.NativeHistogramZeroThresholdZero
	}
	// The clock of client_golang's own tests; its fields are not exported.
	setField(&opts, "now", func() time.Time { return now })
	setField(&opts, "afterFunc", func(after time.Duration, f func()) *time.Timer {
		due, reset = now.Add(after), f
		return nil
	})
	histogram := prometheus.NewHistogram(opts)
	registry := prometheus.NewRegistry()
	registry.MustRegister(histogram)
	for _, step := range c.Steps {
		switch step := step.(type) {
		case float64:
			histogram.Observe(step)
		case exemplar:
			histogram.(prometheus.ExemplarObserver).ObserveWithExemplar(step.Value, prometheus.Labels{"id": step.ID})
		case advance:
			target := now.Add(time.Duration(step.Seconds * float64(time.Second)))
			if reset != nil && !due.After(target) {
				now = due
				reset()
				reset = nil
			}
			now = target
		case string:
			c.Scrapes = append(c.Scrapes, written(registry))
		default:
			panic(fmt.Sprintf("step %v", step))
		}
	}
}

func written(registry *prometheus.Registry) string {
	families, err := registry.Gather()
	if err != nil {
		panic(err)
	}
	bytes, err := proto.MarshalOptions{Deterministic: true}.Marshal(families[0])
	if err != nil {
		panic(err)
	}
	return hex.EncodeToString(bytes)
}

func setField(opts *prometheus.HistogramOpts, name string, value any) {
	field := reflect.ValueOf(opts).Elem().FieldByName(name)
	reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Set(reflect.ValueOf(value))
}

func allCases() []oracleCase {
	random := rand.New(rand.NewSource(17))
	const zero = prometheus.DefNativeHistogramZeroThreshold
	var cases []oracleCase
	add := func(name string, o options, steps ...any) {
		cases = append(cases, oracleCase{Name: name, Options: o, Steps: append(steps, scrape)})
	}
	// Three digits: short in JSON, and random enough.
	spread := func(count int, low, high float64) (steps []any) {
		for i := 0; i < count; i++ {
			v := math.Exp(math.Log(low) + random.Float64()*(math.Log(high)-math.Log(low)))
			var short float64
			fmt.Sscanf(fmt.Sprintf("%.3g", v), "%g", &short)
			steps = append(steps, short)
		}
		return
	}
	signed := func(steps []any) []any {
		for i := range steps {
			if random.Intn(2) == 0 {
				steps[i] = -steps[i].(float64)
			}
		}
		return steps
	}

	add("empty", options{BucketFactor: 1.1, ZeroThreshold: zero})
	add("empty, zero threshold 0", options{BucketFactor: 1.1})
	add("zeros, zero threshold 0", options{BucketFactor: 1.1}, 0.0, math.Copysign(0, -1), 0.0)
	for schema := -4; schema <= 8; schema++ {
		// A little more than the growth: for the growth itself client_golang's Log2 decides by its last digit.
		factor := math.Exp2(math.Exp2(-float64(schema))) * (1 + 1e-9)
		o := options{BucketFactor: factor, ZeroThreshold: zero}
		add(fmt.Sprintf("schema %d, latencies", schema), o, spread(60, 0.001, 10)...)
		add(fmt.Sprintf("schema %d, both signs, far apart", schema), o, signed(spread(40, 1e-30, 1e30))...)
		var bounds []any
		for i := 0; i < 12; i++ {
			bound := math.Exp2(float64(random.Intn(600)-300) / 256 * math.Max(1, math.Exp2(-float64(schema))))
			bounds = append(bounds, bound, math.Nextafter(bound, 0), math.Nextafter(bound, math.Inf(1)), -bound)
		}
		for _, exponent := range []float64{-1, 0, 1, 2, 16, -16} {
			bound := math.Exp2(exponent)
			bounds = append(bounds, bound, math.Nextafter(bound, 0), math.Nextafter(bound, math.Inf(1)), -bound)
		}
		add(fmt.Sprintf("schema %d, at bounds", schema), o, bounds...)
		add(fmt.Sprintf("schema %d, extremes", schema), options{BucketFactor: factor},
			math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64, 0x1p-1022,
			math.Nextafter(0x1p-1022, 0), 3*math.SmallestNonzeroFloat64, 0x1p-1060, 0x1.8p-1060, 0x1p1023, 1e308, 0.0)
	}
	for _, factor := range []float64{1.00001, 1.0027, 1.003, 1.1, 1.5, 2, 3, 17, 257, 1e9} {
		add(fmt.Sprintf("factor %g", factor), options{BucketFactor: factor, ZeroThreshold: zero}, 0.1, 1.0, 7.0)
	}
	add("at the zero threshold", options{BucketFactor: 1.1, ZeroThreshold: 0.01},
		0.01, -0.01, math.Nextafter(0.01, 1), -math.Nextafter(0.01, 1), 0.0, 0.02)
	add("gaps of 0 to 4 buckets", options{BucketFactor: 2, ZeroThreshold: zero},
		1.0, 2.0, 8.0, 8.0, 8.0, 64.0, 1024.0, 32768.0, -1.0, -4.0, -32.0)

	for _, most := range []uint32{1, 2, 4, 10, 20} {
		o := options{BucketFactor: 1.1, ZeroThreshold: zero, MaxBuckets: most}
		name := fmt.Sprintf("at most %d buckets", most)
		add(name+", halved", o, interleaved(signed(spread(60, 1e-4, 1e4)))...)
		o.MaxZeroThreshold = 0.5
		add(name+", zero bucket widened", o, interleaved(signed(spread(60, 1e-4, 1e4)))...)
		o.MinResetDuration = 100
		add(name+", reset", o, passing(interleaved(signed(spread(80, 1e-3, 1e3))), 7.25)...)
		o.MaxZeroThreshold = 0
		add(name+", reset or halved", o, passing(interleaved(spread(80, 1e-3, 1e3)), 1.75)...)
	}
	add("at most 3 buckets, far apart", options{BucketFactor: 1.1, MaxBuckets: 3},
		interleaved(signed(spread(40, 1e-300, 1e300)))...)
	add("at most 160 buckets at schema 8", options{BucketFactor: 1.001, ZeroThreshold: zero, MaxBuckets: 160},
		spread(400, 1e-3, 1e3)...)

	for _, most := range []int{1, 2, 3, 10} {
		o := options{BucketFactor: 1.1, ZeroThreshold: zero, MaxExemplars: most, ExemplarAgeSeconds: 20}
		var steps []any
		for i, value := range spread(50, 1e-3, 1e3) {
			steps = append(steps, exemplar{value.(float64), fmt.Sprint(i)})
			if i%5 == 4 {
				steps = append(steps, scrape)
			}
		}
		add(fmt.Sprintf("%d exemplars", most), o, passing(steps, 0.25)...)
		add(fmt.Sprintf("%d exemplars, some too old", most), o, passing(steps, 3.25)...)
	}
	add("10 exemplars of both signs", options{BucketFactor: 1.1, ZeroThreshold: zero, MaxExemplars: 10, ExemplarAgeSeconds: 1e6},
		passing(exemplars(signed(spread(30, 1e-3, 1e3))), 1.25)...)

	// Bounds of buckets of schema 3, as nativeBuckets() moves all classic bounds to, and of 0: those stay bounds when the resolution
	// is halved. Of the zero bucket nativeBuckets() cannot tell which part is below a bound, so it is not widened here.
	fine := []float64{2 * 0.0078125 * 0.5452538663326288, 0.25 * 0.8408964152537144, 0.5, 1, 2 * 0.7711054127039704, 1024}
	doublings := []float64{0.0078125, 0.5, 1, 2, 4}
	add("classic buckets, empty", options{BucketFactor: 1.1, ZeroThreshold: zero, ClassicBounds: fine})
	add("classic buckets, empty, zero threshold 0", options{BucketFactor: 1.1, ClassicBounds: doublings})
	for _, bounds := range [][]float64{fine, doublings} {
		o := options{BucketFactor: 1.1, ZeroThreshold: zero, ClassicBounds: bounds}
		name := fmt.Sprintf("%d classic buckets", len(bounds))
		steps := signed(spread(100, 1e-4, 1e4))
		for _, bound := range bounds {
			steps = append(steps, bound, math.Nextafter(bound, 0), math.Nextafter(bound, math.Inf(1)), 0.0)
		}
		add(name, o, interleaved(steps)...)
		for _, most := range []int{1, 4, 10} {
			o.MaxExemplars, o.ExemplarAgeSeconds = most, 20
			add(fmt.Sprintf("%s, %d exemplars", name, most), o, passing(interleaved(exemplars(signed(spread(60, 1e-3, 1e4)))), 1.25)...)
		}
	}
	halved := options{BucketFactor: 1.1, ZeroThreshold: zero, MaxBuckets: 12, ClassicBounds: doublings}
	add("classic buckets, halved", halved, interleaved(spread(60, 0.01, 8))...)
	halved.MinResetDuration = 100
	add("classic buckets, reset or halved", halved, passing(interleaved(spread(80, 0.01, 8)), 1.75)...)
	return cases
}

func exemplars(values []any) (steps []any) {
	for i, value := range values {
		steps = append(steps, exemplar{value.(float64), fmt.Sprint(i)})
	}
	return
}

// interleaved adds a scrape after each 15th step.
func interleaved(steps []any) (all []any) {
	for i, step := range steps {
		all = append(all, step)
		if i%15 == 14 {
			all = append(all, scrape)
		}
	}
	return
}

// passing lets time pass before each step but scrapes.
func passing(steps []any, seconds float64) (all []any) {
	for _, step := range steps {
		if step != scrape {
			all = append(all, advance{seconds})
		}
		all = append(all, step)
	}
	return
}
