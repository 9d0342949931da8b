/** manifest.json of an offline OTA image, `image_layout_version` 1 (FORMATS: tier4/ota-client). */

export interface ManifestImage {
  readonly ecu_id: string;
  readonly image_version: string;
  readonly ota_metadata_version: 1;
  /** Extension: only present for images of the newer format. */
  readonly image_format?: 'ota-image-v1';
}

export interface Manifest {
  readonly schema_version: 1;
  readonly image_layout_version: 1;
  /** Unix seconds. */
  readonly build_timestamp: number;
  /** Bytes of all files in data/. */
  readonly data_size: number;
  /** Number of files in data/. */
  readonly data_files_num: number;
  /** Bytes of all files in meta/. */
  readonly meta_size: number;
  /** Position = index of the image's folder in meta/. */
  readonly image_meta: readonly ManifestImage[];
}

/** Filesystem label by which otaproxy finds the stick. */
export const CACHE_LABEL = 'ota_cache_src';
