import { useState, type DragEvent, type ReactNode } from 'react';
import { pathsOf } from '../api/bridge.ts';
import './drop-zone.css';

interface DropZoneProps {
  readonly className: string;
  readonly onPaths: (paths: readonly string[]) => void;
  readonly children: (hovered: boolean) => ReactNode;
}

/**
 * Takes dropped files and folders. Everything that it does can also be done with the buttons that
 * stand in it, so it needs no role of its own.
 */
export function DropZone({ className, onPaths, children }: DropZoneProps): ReactNode {
  // Entering a child comes before leaving its parent, so the depth tells when the pointer is out.
  const [depth, setDepth] = useState(0);
  const stop = (event: DragEvent): void => event.preventDefault();
  return (
    <div
      className={className}
      data-hovered={depth > 0 || undefined}
      onDragEnter={(event) => {
        stop(event);
        // A row of a list that is dragged is nothing to drop here.
        if (event.dataTransfer.types.includes('Files')) setDepth(depth + 1);
      }}
      onDragOver={(event) => {
        stop(event);
        event.dataTransfer.dropEffect = 'copy';
      }}
      onDragLeave={() => setDepth(Math.max(0, depth - 1))}
      onDrop={(event) => {
        stop(event);
        setDepth(0);
        onPaths(pathsOf(event.dataTransfer));
      }}
    >
      {children(depth > 0)}
    </div>
  );
}
