#!/usr/bin/env bash
# Brings the real systems that spec/e2e tests against, on a Debian machine: `.ci/real-systems.sh DIR`.
#
# 1. Installs the package `prometheus` of this Debian release, unless `prometheus` and `promtool` are in PATH. Needs root,
#    or sudo. The exit code is the one of this step.
# 2. Unpacks the newest Prometheus 3 that Debian has into DIR, as DIR/bin/prometheus3 and DIR/bin/promtool3, unless it is
#    there. Nothing is installed for it, and where it cannot be had, a message says so and that is all.
#
# Then: FINPILOT_REAL_SYSTEMS=DIR FINPILOT_REQUIRE_REAL_SYSTEMS=1 node .ci/test.mjs spec/e2e
set -euo pipefail

if [ $# -ne 1 ] || [ -z "$1" ]; then
  echo 'Usage: .ci/real-systems.sh DIR' >&2
  exit 2
fi
mkdir -p "$1"
folder=$(cd "$1" && pwd)

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

install_prometheus() {
  if command -v prometheus >/dev/null && command -v promtool >/dev/null; then return; fi
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends prometheus
}

runs() {
  timeout 20 "$1" --version >/dev/null 2>&1
}

# An apt with sources, lists and caches of its own. The machine's settings, a proxy among them, stay in force, but for the
# hooks, which tidy up the machine's own caches. `update` takes no index but one signed with Debian's key.
private_apt() {
  timeout 240 "$1" -c "$apt/apt.conf" -qq "${@:2}" </dev/null
}

unpack_prometheus_3() {
  local mirror codename package
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' |
    awk -v codename="$codename" '$2 == codename && $3 == "main" { print $1; exit }')
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/empty" "$apt/packages" "$folder/bin"
  touch "$apt/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$apt/sources.list"
  cat >"$apt/apt.conf" <<CONF
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "$apt/empty";
Dir::Etc::PreferencesParts "$apt/empty";
Dir::State "$apt";
Dir::State::Status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Log "$apt";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "30";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
CONF
  private_apt apt-get update &&
    (cd "$apt/packages" && private_apt apt-get download prometheus promtool) || return
  for package in prometheus promtool; do
    dpkg-deb -x "$apt/packages/${package}"_*.deb "$apt/unpacked" &&
      runs "$apt/unpacked/usr/bin/$package" || return
  done
  mv "$apt/unpacked/usr/bin/prometheus" "$folder/bin/prometheus3"
  mv "$apt/unpacked/usr/bin/promtool" "$folder/bin/promtool3"
}

install_prometheus
if runs "$folder/bin/prometheus3" && runs "$folder/bin/promtool3"; then exit; fi
apt=$(mktemp -d "$folder/apt.XXXXXX")
trap 'rm -rf "$apt"' EXIT
if ! unpack_prometheus_3; then
  echo 'No Prometheus 3 could be had; the one in PATH will be tested against.' >&2
fi
