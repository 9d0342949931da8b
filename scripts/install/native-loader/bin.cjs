#!/usr/bin/env node
// node-liblzma's install script. Succeeding here leaves the build to scripts/install/build-native.js.
