#!/usr/bin/env bash
# Installs the browser for spec/browser on Debian: `.ci/browser.sh`.
#
# 1. Installs Debian's package `chromium`, unless `chromium` is in PATH. Needs root or sudo.
# 2. Installs the driver pinned in .ci/browser/package.json.
#
# Then: FINPILOT_REQUIRE_BROWSER=1 node .ci/test.mjs spec/browser
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/browser"

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

if ! command -v chromium >/dev/null; then
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium
fi
npm ci --ignore-scripts --no-audit --no-fund --silent
