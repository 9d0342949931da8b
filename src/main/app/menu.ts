import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { Translator } from '../../shared/messages/index.ts';

/**
 * Sets the menu: Electron's own would be in English, and open developer tools. It is hidden but for
 * macOS, yet its keys work everywhere: those of editing, and of larger text.
 */
export function setMenu({ t }: Translator, platform: NodeJS.Platform): void {
  type Role = NonNullable<MenuItemConstructorOptions['role']>;
  const item = (role: Role, label: string) => ({ role, label });
  const edit: MenuItemConstructorOptions = {
    label: t('menu.edit'),
    submenu: [
      item('undo', t('menu.undo')),
      item('redo', t('menu.redo')),
      { type: 'separator' },
      item('cut', t('menu.cut')),
      item('copy', t('common.copy')),
      item('paste', t('menu.paste')),
      item('selectAll', t('menu.select-all')),
    ],
  };
  const view: MenuItemConstructorOptions = {
    label: t('menu.view'),
    submenu: [
      item('zoomIn', t('menu.zoom-in')),
      item('zoomOut', t('menu.zoom-out')),
      item('resetZoom', t('menu.zoom-reset')),
      { type: 'separator' },
      item('togglefullscreen', t('menu.full-screen')),
    ],
  };
  const app: MenuItemConstructorOptions = {
    label: t('app.name'),
    submenu: [
      item('hide', t('menu.hide')),
      item('minimize', t('menu.minimise')),
      { type: 'separator' },
      item('quit', t('menu.quit')),
    ],
  };
  const first = platform === 'darwin' ? [app] : [];
  Menu.setApplicationMenu(Menu.buildFromTemplate([...first, edit, view]));
}
