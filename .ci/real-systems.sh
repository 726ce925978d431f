#!/usr/bin/env bash
# Brings the real systems that spec/e2e tests against, on a Debian machine: `.ci/real-systems.sh DIR`.
#
# 1. Installs the packages `prometheus` and `prometheus-alertmanager` of this Debian release, unless their programs are in
#    PATH. Needs root, or sudo. The exit code is the one of this step.
# 2. Unpacks the newest Prometheus 3, VictoriaMetrics, Pushgateway, node_exporter and kustomize that Debian has into DIR, as
#    DIR/bin/prometheus3, promtool3, victoria-metrics, pushgateway, node-exporter and kustomize, unless they are there.
#    Nothing is installed for them. If VictoriaMetrics, Pushgateway or node_exporter is unavailable, that of this Debian
#    release is unpacked; if nothing is available, the script only prints a message. The same applies to
#    python3-prometheus-client, a python3 that can import prometheus_client.
# 3. Unpacks collectd, carbon and a StatsD client for Python of this Debian release into DIR, and writes DIR/bin/collectd,
#    carbon-cache and python3-statsd, which run them. Likewise the newest jsonnet, with the libraries that it needs, or that of
#    this release.
#
# Then: FINPILOT_REAL_SYSTEMS=DIR FINPILOT_REQUIRE_REAL_SYSTEMS=1 node .ci/test.mjs spec/e2e spec/monitoring
set -euo pipefail

if [ $# -ne 1 ] || [ -z "$1" ]; then
  echo 'Usage: .ci/real-systems.sh DIR' >&2
  exit 2
fi
source "$(dirname "${BASH_SOURCE[0]}")/private-apt.sh"
mkdir -p "$1"
folder=$(cd "$1" && pwd)

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

install_packages() {
  local packages=()
  if ! { command -v prometheus && command -v promtool; } >/dev/null; then packages+=(prometheus); fi
  if ! command -v prometheus-alertmanager >/dev/null; then packages+=(prometheus-alertmanager); fi
  if [ ${#packages[@]} -eq 0 ]; then return; fi
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
}

runs() {
  { timeout 20 "$1" --version || timeout 20 "$1" version; } >/dev/null 2>&1
}

# Downloads a package by the apt-get command that follows its name, and unpacks a program of it into DIR/bin if it runs
# here: `unpack PACKAGE NAME COMMAND…`. The program is called like the package, the one in DIR/bin NAME.
unpack() {
  local package=$1 name=$2 download
  download=$(mktemp -d "$apt/package.XXXXXX")
  (cd "$download" && "${@:3}" "$package") &&
    dpkg-deb -x "$download/${package}"_*.deb "$download/unpacked" &&
    runs "$download/unpacked/usr/bin/$package" &&
    mv "$download/unpacked/usr/bin/$package" "$folder/bin/$name"
}

# The newest that there is, else that of this Debian release: `unpack_any PACKAGE NAME`.
unpack_any() {
  unpack "$@" "${newest[@]}" || unpack "$@" "${own[@]}"
}

# Needs the python3 of PATH. Nothing is compiled into the folder, so that it stays what the package holds.
unpack_python_client() {
  local download
  download=$(mktemp -d "$apt/package.XXXXXX")
  (cd "$download" && "$@" python3-prometheus-client) &&
    dpkg-deb -x "$download"/python3-prometheus-client_*.deb "$download/unpacked" || return
  rm -rf "$folder/python3"
  mv "$download/unpacked/usr/lib/python3/dist-packages" "$folder/python3"
  cat >"$folder/bin/python3-prometheus-client" <<'PYTHON'
#!/bin/sh
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$(dirname "$(dirname "$(realpath "$0")")")/python3 exec python3 "$@"
PYTHON
  chmod +x "$folder/bin/python3-prometheus-client"
  has_python_client
}

has_python_client() {
  timeout 20 "$folder/bin/python3-prometheus-client" -c 'import prometheus_client.openmetrics.parser' 2>/dev/null
}

# Unpacks packages into DIR/NAME, and writes a program that runs one of them: `unpack_tree newest|own NAME COMMAND PACKAGE…`.
# In COMMAND, $tree is DIR/NAME.
unpack_tree() {
  local -n download_from=$1
  local name=$2 command=$3 download package
  if [ -x "$folder/bin/$name" ]; then return; fi
  download=$(mktemp -d "$apt/package.XXXXXX")
  (cd "$download" && "${download_from[@]}" "${@:4}") || return
  rm -rf "${folder:?}/$name"
  for package in "$download"/*.deb; do dpkg-deb -x "$package" "$folder/$name" || return; done
  printf '#!/bin/sh\ntree=$(dirname "$(dirname "$(realpath "$0")")")/%s\nexec %s "$@"\n' "$name" "$command" >"$folder/bin/$name"
  chmod +x "$folder/bin/$name"
}

unpack_statsd_and_graphite() {
  local modules='env PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$tree/usr/lib/python3/dist-packages" /usr/bin/python3'
  unpack_tree own collectd '"$tree/usr/sbin/collectd"' collectd-core &&
    unpack_tree own python3-statsd "$modules" python3-statsd &&
    unpack_tree own carbon-cache "$modules \"\$tree/usr/bin/carbon-cache\"" graphite-carbon python3-twisted \
      python3-cachetools python3-urllib3 python3-whisper python3-zope.interface python3-constantly python3-incremental \
      python3-automat python3-hyperlink python3-attr python3-typing-extensions python3-idna python3-six
}

# The newest one needs a newer C library than this machine has: its own loader runs it.
unpack_jsonnet() {
  local packages libraries='"$tree"/usr/lib/*-linux-gnu'
  mapfile -t packages < <(private_apt apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
    --no-replaces --no-enhances jsonnet | grep '^[a-z]')
  { unpack_tree newest jsonnet "$libraries/ld-linux-*.so.* --library-path $libraries "'"$tree/usr/bin/jsonnet"' "${packages[@]}" &&
    runs "$folder/bin/jsonnet"; } && return
  rm -f "$folder/bin/jsonnet"
  unpack_tree own jsonnet "env LD_LIBRARY_PATH=\"\$(echo $libraries)\" "'"$tree/usr/bin/jsonnet"' jsonnet libjsonnet0 &&
    runs "$folder/bin/jsonnet"
}

have_all() {
  local name
  for name in prometheus3 promtool3 victoria-metrics pushgateway node-exporter kustomize jsonnet; do runs "$folder/bin/$name" || return; done
  for name in collectd carbon-cache python3-statsd; do [ -x "$folder/bin/$name" ] || return; done
  has_python_client
}

install_packages
if have_all; then exit; fi
mkdir -p "$folder/bin"
apt=$(mktemp -d "$folder/apt.XXXXXX")
trap 'rm -rf "$apt"' EXIT
newest=(private_apt apt-get download)
own=(timeout 240 apt-get -qq -o APT::Sandbox::User=root download)
prepare_private_apt || newest=(false)
if ! { unpack prometheus prometheus3 "${newest[@]}" && unpack promtool promtool3 "${newest[@]}"; }; then
  rm -f "$folder/bin/prometheus3"
  echo 'Prometheus 3 is unavailable; the one in PATH will be tested against.' >&2
fi
if ! unpack_any victoria-metrics victoria-metrics; then
  echo 'VictoriaMetrics is unavailable; what needs it is not tested.' >&2
fi
if ! unpack_any prometheus-pushgateway pushgateway; then
  echo 'Pushgateway is unavailable; what needs it is not tested.' >&2
fi
if ! unpack kustomize kustomize "${newest[@]}"; then
  echo 'kustomize is unavailable; the manifests for Kubernetes are not built.' >&2
fi
if ! unpack_any prometheus-node-exporter node-exporter; then
  echo "node_exporter is unavailable; what needs it is not tested." >&2
fi
if ! { unpack_python_client "${newest[@]}" || unpack_python_client "${own[@]}"; }; then
  echo "Prometheus client of Python's is unavailable; what needs it is not tested." >&2
fi
if ! unpack_statsd_and_graphite; then
  echo 'collectd, carbon or a StatsD client is unavailable; what needs it is not tested.' >&2
fi
if ! unpack_jsonnet; then
  echo 'jsonnet is unavailable; the mixin of monitoring/node is not built.' >&2
fi
