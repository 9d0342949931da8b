#!/bin/sh
# After a deb or rpm was installed. electron-builder fills in the names. Its own script is not used: it links
# /usr/bin/${executable} to the app, where the package has its launcher.
app='/opt/${sanitizedProductName}'
profiles='/etc/apparmor.d'

# Chromium's sandbox: its helper needs setuid only where the kernel offers no user namespaces.
if [ -e "$app/chrome-sandbox" ]; then
  if unshare --user true 2>/dev/null; then mode=0755; else mode=4755; fi
  chmod "$mode" "$app/chrome-sandbox"
fi

# Ubuntu lets a program make user namespaces only with a profile. An AppArmor that cannot read it needs none.
if apparmor_status --enabled >/dev/null 2>&1 &&
  apparmor_parser --skip-kernel-load "$app/resources/apparmor-profile" >/dev/null 2>&1; then
  cp "$app/resources/apparmor-profile" "$profiles/${executable}"
  chmod 644 "$profiles/${executable}"
  apparmor_parser --replace "$profiles/${executable}" || true
fi

for update in 'update-mime-database /usr/share/mime' 'update-desktop-database /usr/share/applications'; do
  # Two words: the program and its folder.
  if command -v "${update%% *}" >/dev/null 2>&1; then $update || true; fi
done
exit 0
