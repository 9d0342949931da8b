import type { Language } from './ui/catalogue.ts';

/**
 * Details of faults, and what limits are about, as the engine states them, in Japanese; `…` is a name or number, the same in both. Only
 * details for people are here: what a library or a document says by itself is for the report in English.
 */
const DETAILS: readonly (readonly [english: string, japanese: string])[] = [
  ['an image needs it', 'イメージに必要なファイルです'],
  ['no image needs it', 'どのイメージにも必要ありません'],
  ['a folder of which no image has files', 'どのイメージのファイルも入らないフォルダーです'],
  ['it is neither a file nor a folder', 'ファイルでもフォルダーでもありません'],
  ['there is no manifest', 'マニフェストがありません'],
  ['it cannot be read', '読み取れません'],
  ['it names no image', 'イメージの記載がありません'],
  ['no ECU ID: …', 'ECU IDとして正しくありません: …'],
  ['two images are for the ECU …', 'ECU … のイメージが2つあります'],
  ['… says …, there are …', '… の値は … ですが、実際は … です'],
  ['a client asks for it first', '車両が最初に読み取るファイルです'],
  ['its signature is wrong', '署名が不正です'],
  ['it is not what index.jwt vouches for', 'index.jwt の記載と一致しません'],
  ['it has no payload of …', '… 用のデータがありません'],
  ['what a client puts together is not …', '車両での復元結果が … と一致しません'],
  ['the image has no metadata', 'イメージのメタデータがありません'],
  ['it is not a JWT', 'JWTではありません'],
  ['metadata.jwt names it', 'metadata.jwt に記載されているファイルです'],
  ['its SHA-256 differs', 'SHA-256が一致しません'],
  ['it is empty', '空のファイルです'],
  ['line … cannot be read', '…行目を解釈できません'],
  ['it is a filesystem, too', 'ファイルシステムとしても解釈できます'],
  ['its name is no UTF-8', '名前がUTF-8ではありません'],
  ['a folder replaces it', '同じ名前のフォルダーに置き換えられています'],
  ['a name is empty', '名前が空です'],
  ['it is there twice', '同じ名前のものが2つあります'],
  ['a folder has its name', '同じ名前のフォルダーがあります'],
  ['two extended headers name it', '拡張ヘッダーが2つあります'],
  ['an extended header is of no member', '拡張ヘッダーに対応するファイルがありません'],
  ['a file with the name of a folder', 'フォルダーの名前を持つファイルです'],
  ['its owner may not read it', '所有者に読み取り権限がありません'],
  ['a link to no file before it', 'リンク先のファイルがありません'],
  ['it has a size, but no content', 'サイズの記載がありますが、内容がありません'],
  ['it is no zstd frame', 'zstd形式ではありません'],
  ['it unpacks to … bytes instead of …', '展開後のサイズが …バイトです(正しくは …)'],
  ['its pax header has … twice', 'paxヘッダーに … が2つあります'],
  ['its pax header cannot be read', 'paxヘッダーを解釈できません'],
  ['its pax header has …', 'paxヘッダーに … があります'],
  ['its names have a character set', '名前に文字コードの指定があります'],
  ['its checksum is no number', 'チェックサムが数値ではありません'],
  ['its time is no number', '日時が数値ではありません'],
  ['its … is no number', '… が数値ではありません'],
  ['its dialect is unknown', 'tarの種類が不明です'],
  ['its header tells of holes', 'ヘッダーに疎ファイルの指定があります'],
  ['its owner is out of range', '所有者の番号が範囲外です'],
  ['its group is out of range', 'グループの番号が範囲外です'],
  ['its long name does not end with a NUL', '長い名前の終わりが不正です'],
];

/** What the limits of archives and filesystems are about. */
const LIMITS: typeof DETAILS = [
  ['decompression-ratio', '圧縮率'],
  ['folder-depth', 'フォルダーの深さ'],
  ['members', 'ファイル数'],
  ['member-size', '1ファイルのサイズ'],
  ['metadata-size', 'メタデータのサイズ'],
  ['bytes of a bundle', 'まとめられたファイルのバイト数'],
  ['runs of sparse files', '疎ファイルの区間数'],
  ['groups of blocks', 'ブロックグループ数'],
  ['reserved inodes', '予約済みiノード数'],
  ['blocks of directory …', 'ディレクトリー … のブロック数'],
  ['nested directories', 'ディレクトリーの深さ'],
  ['blocks of directories', 'ディレクトリーのブロック数'],
  ['files', 'ファイル数'],
  ['bytes of …', '… のバイト数'],
  ['bytes', '読み取るバイト数'],
  ['pieces of inode …', 'iノード … の断片数'],
];

const PATTERNS = [...DETAILS, ...LIMITS].map(([english, japanese]) => {
  const pieces = english
    .split('…')
    .map((piece) => piece.replaceAll(/[.*+?^${}()|[\]\\]/gu, '\\$&'));
  return { pattern: new RegExp(`^${pieces.join('(.+)')}$`, 'su'), japanese };
});

/** The detail of a fault in a language; empty where that language has no words for it. */
export function faultDetail(detail: string, language: Language): string {
  if (language === 'en') return detail;
  for (const { pattern, japanese } of PATTERNS) {
    const match = pattern.exec(detail);
    if (match === null) continue;
    let at = 0;
    return japanese.replaceAll('…', () => match[++at] ?? '');
  }
  return '';
}
