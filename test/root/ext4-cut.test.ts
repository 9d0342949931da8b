import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Ext4Reader } from '../../src/main/engine/ext4/reader/ext4-reader.ts';
import { openFinished } from '../../src/main/engine/finished/open-finished.ts';
import { FileReader } from '../support/ext4/examine.ts';
import { materialise, writeAll, writesOf } from '../support/ext4/materialise.ts';
import { mountTool, tryMount, umountTool } from '../support/ext4/mounted.ts';
import { blkidTags, blkidTool, e2fsckComplaint, e2fsckTool } from '../support/ext4/oracles.ts';
import { LABEL, layoutOf, stickContents } from '../support/ext4/plans.ts';
import { tmpFolder } from '../support/tmp.ts';
import { describeNeeding, needsLoopDevices } from '../support/tools.ts';

describeNeeding(
  [needsLoopDevices(), mountTool, umountTool, blkidTool, e2fsckTool],
  'a stick',
  () => {
    test('is nothing that anyone recognises until the last write', async () => {
      const path = join(tmpFolder(), 'stick.img');
      // A complete older image of ours is on it: nothing of that may be taken for the new one.
      materialise(layoutOf(stickContents(900), 400_000_000), path);
      expect(tryMount(path).status).toBe(0);
      expect(blkidTags(path)).toContain(`LABEL=${LABEL}`);

      const layout = layoutOf(stickContents(1200), 400_000_000);
      const refused = async (when: string): Promise<void> => {
        expect(blkidTags(path), when).toEqual([]);
        expect(tryMount(path).status, when).not.toBe(0);
        using source = new FileReader(path);
        await expect(Ext4Reader.open(source, 'stick'), when).rejects.toMatchObject({
          data: { code: 'filesystem-absent' },
        });
        await expect(openFinished(path), when).rejects.toMatchObject({ code: 'verify-incomplete' });
      };
      const file = openSync(path, 'r+');
      try {
        for (const { offset, length } of layout.wipe)
          writeAll(file, offset, new Uint8Array(length));
        await refused('after the wipe');
        let count = 0;
        for (const { offset, bytes } of writesOf(layout)) {
          writeAll(file, offset, bytes.subarray(0, bytes.length >> 1));
          await refused(`in the middle of write ${count}`);
          writeAll(file, offset, bytes);
          await refused(`after write ${count++}`);
        }
        expect(count).toBeGreaterThan(5);
        if (layout.commit === null) throw new Error('nothing is held back');
        writeAll(file, layout.commit.offset, layout.commit.bytes);
      } finally {
        closeSync(file);
      }
      expect(blkidTags(path)).toContain(`LABEL=${LABEL}`);
      expect(tryMount(path).status).toBe(0);
      expect(e2fsckComplaint(path)).toBeNull();
    });
  },
);
