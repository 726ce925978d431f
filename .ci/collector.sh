#!/usr/bin/env bash
# Builds a small OpenTelemetry Collector from Debian's packages, as DIR/bin/otelcol: `.ci/collector.sh DIR`. It takes some
# minutes of one core and 3 GB, so .ci/run does without; spec/e2e/collector.test.ts runs where it is found.
#
# Debian has the Collector's library with all that it depends on as sources, and no program. Nothing is installed.
set -euo pipefail

if [ $# -ne 1 ] || [ -z "$1" ]; then
  echo 'Usage: .ci/collector.sh DIR' >&2
  exit 2
fi
source "$(dirname "${BASH_SOURCE[0]}")/private-apt.sh"
mkdir -p "$1/bin"
folder=$(cd "$1" && pwd)
work=$(mktemp -d "$folder/collector.XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"

apt=$work/apt
prepare_private_apt
# Nothing counts as installed, so that all it depends on is downloaded too.
timeout 1800 apt-get -c "$apt/apt.conf" -qq install --download-only -y --no-install-recommends \
  golang-opentelemetry-collector-dev golang-1.27-go </dev/null
for package in apt/cache/archives/golang*.deb; do dpkg-deb -x "$package" root; done

mkdir program
cat >program/main.go <<'GO'
package main

import (
	"log"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/debugexporter"
	"go.opentelemetry.io/collector/exporter/otlphttpexporter"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"
)

func factories() (otelcol.Factories, error) {
	receivers, err := otelcol.MakeFactoryMap[receiver.Factory](otlpreceiver.NewFactory())
	if err != nil {
		return otelcol.Factories{}, err
	}
	exporters, err := otelcol.MakeFactoryMap[exporter.Factory](debugexporter.NewFactory(), otlphttpexporter.NewFactory())
	return otelcol.Factories{Receivers: receivers, Exporters: exporters, Telemetry: otelconftelemetry.NewFactory()}, err
}

func main() {
	files := []confmap.ProviderFactory{fileprovider.NewFactory()}
	settings := otelcol.CollectorSettings{
		BuildInfo: component.BuildInfo{Command: "otelcol", Description: "OpenTelemetry Collector", Version: "0.152"},
		Factories: factories,
		ConfigProviderSettings: otelcol.ConfigProviderSettings{
			ResolverSettings: confmap.ResolverSettings{ProviderFactories: files, DefaultScheme: "file"},
		},
	}
	if err := otelcol.NewCommand(settings).Execute(); err != nil {
		log.Fatal(err)
	}
}
GO
export GOROOT=$work/root/usr/lib/go-1.27 GOPATH=$work/root/usr/share/gocode GOCACHE=$work/cache/go
export GO111MODULE=off GOTOOLCHAIN=local CGO_ENABLED=0
cd program
nice -n 10 "$GOROOT/bin/go" build -p 1 -o "$folder/bin/otelcol" .
"$folder/bin/otelcol" --version
