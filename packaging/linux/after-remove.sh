#!/bin/sh
# After a deb or rpm was removed: takes back what after-install.sh made. An rpm's script runs after an upgrade
# too, with 1 as its argument, and a deb's with `upgrade`: then the profile stays.
profile='/etc/apparmor.d/${executable}'
case "${1-}" in 1 | upgrade) exit 0 ;; esac
if [ -e "$profile" ]; then
  apparmor_parser --remove "$profile" 2>/dev/null || true
  rm -f "$profile"
fi
exit 0
