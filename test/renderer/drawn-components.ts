/**
 * Names of the components that React draws, commit by commit, as React's developer tools find them: a fiber
 * that did work in a commit carries the flag PerformedWork.
 *
 * Must be imported before `react-dom`, which looks for the hook once.
 */

/** ReactFiberFlags.js */
const PERFORMED_WORK = 1;

interface Fiber {
  readonly type: unknown;
  readonly flags: number;
  readonly alternate: Fiber | null;
  readonly child: Fiber | null;
  readonly sibling: Fiber | null;
}

const drawn: string[] = [];

Object.assign(globalThis, {
  __REACT_DEVTOOLS_GLOBAL_HOOK__: {
    supportsFiber: true,
    inject: () => 1,
    onCommitFiberRoot: (_renderer: number, root: { readonly current: Fiber }) =>
      collect(root.current),
    onCommitFiberUnmount() {},
    onPostCommitFiberRoot() {},
  },
});

/** Components that were drawn since the last call, in the order of the tree. */
export function takeDrawn(): string[] {
  return drawn.splice(0);
}

function collect(fiber: Fiber): void {
  if (typeof fiber.type === 'function' && (fiber.flags & PERFORMED_WORK) !== 0)
    drawn.push(fiber.type.name);
  // A subtree that React did not visit is the very one of the last commit.
  if (fiber.child !== fiber.alternate?.child)
    for (let child = fiber.child; child !== null; child = child.sibling) collect(child);
}
