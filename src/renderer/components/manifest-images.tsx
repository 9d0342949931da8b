import type { ReactNode } from 'react';
import type { Manifest } from '../../shared/model/manifest.ts';

interface ManifestImagesProps {
  readonly manifest: Manifest;
  readonly label?: string;
}

/** ECUs and their versions. */
export function ManifestImages({ manifest, label }: ManifestImagesProps): ReactNode {
  return (
    <ul className="manifest-images" aria-label={label}>
      {manifest.image_meta.map(({ ecu_id, image_version }) => (
        <li key={ecu_id}>
          <strong>{ecu_id}</strong> <span className="muted">{image_version}</span>
        </li>
      ))}
    </ul>
  );
}
