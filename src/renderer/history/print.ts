/**
 * Prints a part of the page by the system's dialog, which offers PDF, too. The style sheet leaves everything else
 * out, by the attribute that is set meanwhile.
 */
export function print(part: 'report' | 'labels'): void {
  const { dataset } = document.documentElement;
  dataset['print'] = part;
  // The dialog may outlive the call.
  window.addEventListener('afterprint', () => delete dataset['print'], { once: true });
  window.print();
}
