#!/bin/sh
# Builds the images of this directory from Debian's busybox-static: no registry, no engine, no root.
# See README.md.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
output=$here/target
engine=
busybox=
images=

usage() {
  cat <<EOF
usage: build.sh [--output DIR] [--podman COMMAND] [--busybox FILE] [IMAGE...]

Writes DIR/IMAGE.tar (docker-archive) for each IMAGE, a directory beside this script; for all of
them when none is named. Prints the names of the files.

  --output DIR      default: $here/target
  --podman COMMAND  also load each into this engine, such as "podman --root DIR"
  --busybox FILE    a statically linked busybox; default: the one on the PATH
EOF
}

fail() {
  echo "build.sh: $*" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    --output | --podman | --busybox)
      [ $# -ge 2 ] || fail "$1 needs a value"
      case $1 in
        --output) output=$2 ;;
        --podman) engine=$2 ;;
        --busybox) busybox=$2 ;;
      esac
      shift 2
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    -*) fail "unknown option $1 (see --help)" ;;
    *)
      [ -f "$here/$1/config.json" ] || fail "no such image: $1"
      images="$images $1"
      shift
      ;;
  esac
done

if [ -z "$images" ]; then
  for config in "$here"/*/config.json; do
    images="$images $(basename "$(dirname "$config")")"
  done
fi
if [ -z "$busybox" ]; then
  busybox=$(command -v busybox) || fail "no busybox found: install the package busybox-static"
fi
if ldd "$busybox" > /dev/null 2>&1; then
  fail "$busybox is linked dynamically: install the package busybox-static"
fi

# Images are named by Go's words for architectures (OCI image specification, config).
variant=
case $(uname -m) in
  x86_64) architecture=amd64 ;;
  aarch64) architecture=arm64 ;;
  armv7l | armv8l) architecture=arm variant=v7 ;;
  armv6l) architecture=arm variant=v6 ;;
  i?86) architecture=386 ;;
  *) architecture=$(uname -m) ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# The same tree gives the same bytes, and so the same image id.
archive() { # FILE DIRECTORY
  tar --create --file "$1" --directory "$2" --sort=name --format=ustar \
    --owner=0 --group=0 --numeric-owner --mtime=@0 .
}

digest() { # FILE
  sha256sum "$1" | cut -d ' ' -f 1
}

# One layer that all images share: busybox under every name that it answers to.
base() {
  root=$work/base
  mkdir -p "$root/bin" "$root/etc" "$root/root" "$root/tmp" "$root/var"
  chmod 1777 "$root/tmp"
  chmod 700 "$root/root"
  cp "$busybox" "$root/bin/busybox"
  chmod 755 "$root/bin/busybox"
  for applet in $("$busybox" --list); do
    [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
  done
  printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' > "$root/etc/passwd"
  printf 'root:x:0:\nnogroup:x:65534:\n' > "$root/etc/group"
  archive "$work/base.tar" "$root"
}

image() { # IMAGE
  name=$(cat "$here/$1/name")
  tree=$work/$1
  mkdir "$tree" "$tree.image"
  cp -R "$here/$1/rootfs/." "$tree"
  # What is executable is so for all, whatever the umask of the checkout was.
  chmod -R u=rwX,go=rX "$tree"
  archive "$work/layer.tar" "$tree"

  layers='' diffs=''
  for layer in "$work/base.tar" "$work/layer.tar"; do
    sum=$(digest "$layer")
    ln "$layer" "$tree.image/$sum.tar"
    layers="$layers${layers:+,}\"$sum.tar\""
    diffs="$diffs${diffs:+,}\"sha256:$sum\""
  done
  rm "$work/layer.tar"

  cat > "$work/config" <<EOF
{"architecture":"$architecture",${variant:+\"variant\":\"$variant\",}"os":"linux","created":"1970-01-01T00:00:00Z",
"config":$(cat "$here/$1/config.json"),
"rootfs":{"type":"layers","diff_ids":[$diffs]},
"history":[{"created_by":"busybox-static"},{"created_by":"edge-images/$1"}]}
EOF
  config=$(digest "$work/config").json
  mv "$work/config" "$tree.image/$config"
  printf '[{"Config":"%s","RepoTags":["%s"],"Layers":[%s]}]\n' "$config" "$name" "$layers" \
    > "$tree.image/manifest.json"

  archive "$work/image.tar" "$tree.image"
  # Whole or not at all: somebody may be reading the directory.
  cp "$work/image.tar" "$output/.$1.tar.$$"
  mv "$output/.$1.tar.$$" "$output/$1.tar"
  echo "$output/$1.tar"
  if [ -n "$engine" ]; then
    # The engine's own options are words of this one.
    # shellcheck disable=SC2086
    $engine load --quiet --input "$output/$1.tar" > /dev/null
  fi
}

mkdir -p "$output"
base
for each in $images; do
  image "$each"
done
