import { readFile } from 'node:fs/promises';
import path from 'node:path';

export const APP_SCHEME = 'app';
const APP_HOST = 'bundle';
export const APP_URL = `${APP_SCHEME}://${APP_HOST}/index.html`;

/**
 * Nothing but the bundle's own files: no inline script, no remote anything. The one hash is of the
 * style element with which react-aria keeps touches from scrolling while a button is pressed.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'sha256-38RhXrc7EdReTKsOm23ZPOCUgniTUUcjky8QOOrQx6o='",
  "img-src 'self' data:",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Whether a frame shows the app's own page. */
export function isOwnUrl(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed?.protocol === `${APP_SCHEME}:` && parsed.host === APP_HOST;
}

/**
 * Answers requests for `app://bundle/…` from one folder. What is not a plain file name of a known
 * type below that folder is 404: encoded dots, drive letters and NUL included.
 */
export function bundleHandler(folder: string): (request: Request) => Promise<Response> {
  const root = path.resolve(folder);
  return async (request) => {
    const url = URL.parse(request.url);
    if (request.method !== 'GET' || url === null || !isOwnUrl(request.url)) return notFound();
    const file = fileOf(root, url.pathname);
    const type = TYPES[path.extname(file ?? '')];
    if (file === null || type === undefined) return notFound();
    try {
      // A copy: the body must be a plain ArrayBuffer view for Response.
      return new Response(new Uint8Array(await readFile(file)), {
        headers: {
          'Content-Type': type,
          'Content-Security-Policy': CONTENT_SECURITY_POLICY,
          'X-Content-Type-Options': 'nosniff',
          'Cross-Origin-Opener-Policy': 'same-origin',
        },
      });
    } catch {
      return notFound();
    }
  };
}

function fileOf(root: string, pathname: string): string | null {
  // The bundle's names are plain; anything encoded is an attempt to get out of it.
  if (!/^(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)+$/u.test(pathname)) return null;
  const file = path.join(root, pathname);
  return file.startsWith(root + path.sep) ? file : null;
}

function notFound(): Response {
  return new Response('not found', {
    status: 404,
    headers: { 'Content-Security-Policy': CONTENT_SECURITY_POLICY },
  });
}
