#!/usr/bin/env bash
# Builds the image of the scanner by its Dockerfile, without a registry, and runs it: `.ci/image.sh`, on Debian.
#
# 1. Installs Debian's packages `buildah` and `ca-certificates`, unless they are there. Needs root: without, or where the kernel does
#    not let it build, the script says so and ends with exit code 0.
# 2. Makes stand-ins for the two base images of docs/examples/scanner/Dockerfile: node of npm's package `node`, with the libraries
#    that it needs from Debian; for the first stage also a shell and npm. They have the names of the images, so that the Dockerfile
#    is built as it is.
# 3. Builds the image, runs it as the user that it names, scrapes it, and stops it.
#
# Prints the size of the image. Leaves nothing behind but the packages.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

dockerfile=docs/examples/scanner/Dockerfile
certificates=/etc/ssl/certs/ca-certificates.crt

if [ "$(id -u)" -ne 0 ]; then
  echo 'Skipped the image: expected root, which buildah needs to build in a chroot.'
  exit 0
fi
if ! command -v buildah >/dev/null || [ ! -e "$certificates" ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends buildah ca-certificates
fi

work=$(mktemp -d)
container=
# buildah passes no signal on to the program that it runs.
stop() {
  local child
  for child in $(pgrep --parent "$1"); do stop "$child"; done
  kill -KILL "$1" 2>/dev/null || true
}
cleanup() {
  if [ -n "$container" ]; then stop "$container"; fi
  { wait; } 2>/dev/null
  rm -rf "$work"
}
trap cleanup EXIT
image() {
  buildah --storage-driver vfs --root "$work/storage" --runroot "$work/run" "$@"
}

# Commits a folder with node in it as a base image: `base NAME FOLDER NODE CONFIG…`.
base() {
  local from
  from=$(image from scratch)
  image copy -q "$from" "$2" / >/dev/null
  image copy -q "$from" "$node" "$3" >/dev/null
  image config "${@:4}" "$from"
  image commit -q "$from" "$1" >/dev/null
}

if ! image from --name probe scratch >/dev/null 2>"$work/refused"; then
  echo "Skipped the image: expected buildah to start a container, got: $(tail -1 "$work/refused")"
  exit 0
fi

version=$(sed -n 's/^FROM node:\([0-9]*\)-slim AS build$/\1/p' "$dockerfile")
node=$(npx -y "node@$version" -p process.execPath)
mkdir "$work/debs" "$work/runtime" "$work/build"
(cd "$work/debs" && apt-get download -qq -o APT::Sandbox::User=root libc6 libgcc-s1 libstdc++6 busybox-static)
for package in libc6 libgcc-s1 libstdc++6; do dpkg -x "$work/debs/$package"_*.deb "$work/runtime"; done
rm -rf "$work/runtime/usr/share"

cp -a "$work/runtime/." "$work/build"
dpkg -x "$work/debs"/busybox-static_*.deb "$work/build"
mkdir -p "$work/build"/{tmp,root/.npm,usr/bin,usr/local/bin,usr/local/lib/node_modules,etc/ssl/certs}
ln -s busybox "$work/build/bin/sh"
ln -s /bin/busybox "$work/build/usr/bin/env"
cp -a "$(npm root --global)/npm" "$work/build/usr/local/lib/node_modules"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/build/usr/local/bin/npm"
base "docker.io/library/node:$version-slim" "$work/build" /usr/local/bin/node \
  --env PATH=/usr/local/bin:/usr/bin:/bin --env HOME=/root --env "NODE_EXTRA_CA_CERTS=$certificates" \
  --env npm_config_prefer_offline=true --env npm_config_update_notifier=false
base "gcr.io/distroless/nodejs$version-debian12:nonroot" "$work/runtime" /nodejs/bin/node

image build --quiet --pull-never --isolation chroot --format docker --file "$dockerfile" --tag scanner \
  --volume "$(npm config get cache):/root/.npm" --volume "$certificates:$certificates:ro" . >/dev/null

count_samples='fetch(process.argv[1]).then((answer) => answer.text()).then((text) => {
  const samples = text.match(/^finpilot_/gm);
  if (samples === null) throw new Error("no samples");
  console.log(samples.length);
})'

# In a chroot, it has the network of this machine.
port=$(node -e "const server = require('node:net').createServer().listen(0, () => { console.log(server.address().port); server.close(); })")
scanner=$(image from --pull-never scanner)
mapfile -t command < <(image inspect --type image --format '{{range .OCIv1.Config.Entrypoint}}{{println .}}{{end}}' scanner | sed '/^$/d')
image run --isolation chroot "$scanner" -- "${command[@]}" --port "$port" >"$work/output" 2>&1 &
container=$!
for ((attempt = 1; ; attempt++)); do
  if samples=$(node -e "$count_samples" "http://127.0.0.1:$port/metrics" 2>/dev/null); then break; fi
  if [ "$attempt" -eq 100 ] || ! kill -0 "$container" 2>/dev/null; then
    echo 'Cannot run the image: expected it to serve /metrics, got:' >&2
    cat "$work/output" >&2
    exit 1
  fi
  sleep 0.2
done
user=$(image inspect --type image --format '{{.OCIv1.Config.User}}' scanner)
size=$(image images --format '{{.Size}}' scanner)
base_size=$(image images --format '{{.Size}}' "gcr.io/distroless/nodejs$version-debian12:nonroot")
echo "Built the image: $size, of which $base_size are Node $version and its libraries; as user $user it serves $samples samples."
