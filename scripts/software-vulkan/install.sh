#!/bin/sh
# A Vulkan without a GPU, for tests of `device: webgpu` on Debian: the loader, with the SwiftShader of Chromium as driver.
# Unpacks into FOLDER, installs nothing, and prints the environment to use:
#
#   eval "$(scripts/software-vulkan/install.sh FOLDER)" && npx vitest run test/engine/webgpu
set -eu
mkdir -p "$1"
folder=$(cd "$1" && pwd)
cd "$folder"
apt-get download libvulkan1 >&2
for package in *.deb; do dpkg -x "$package" .; done
libraries=$folder/usr/lib/$(uname -m)-linux-gnu
swiftshader=/usr/lib/chromium/libvk_swiftshader.so
if [ ! -e "$swiftshader" ]; then
  echo 'Chromium with SwiftShader is missing: apt-get install chromium' >&2
  exit 1
fi
printf '{"file_format_version":"1.0.0","ICD":{"library_path":"%s","api_version":"1.1.0"}}\n' "$swiftshader" > driver.json
echo "export LD_LIBRARY_PATH=$libraries VK_DRIVER_FILES=$folder/driver.json"
