#!/usr/bin/env node
// node-liblzma's install script. Succeeding here keeps it from being compiled: only its WebAssembly is used.
