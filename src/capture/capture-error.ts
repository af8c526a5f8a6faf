/**
 * What is thrown when an input cannot be read as a capture at all, and how files and numbers are written in sentences.
 *
 * A damaged packet is never an error here: readers count it as a problem and go on. Nothing that comes from a file name
 * or from a file reaches a sentence with its control characters intact.
 */

/** Why an input was refused; stable names. */
export type CaptureErrorKind =
  /** Not one byte came. */
  | "empty"
  /** The input ended, or failed, inside the file header that everything else rests on. */
  | "cut-in-file-header"
  /** Another capture or archive format, named in the message. */
  | "other-format"
  /** No format that is known here. */
  | "not-a-capture"
  /** The bytes could not be had (an error of the disk, the pipe or the decompression). */
  | "unreadable";

/** An input that was refused; `message` is one plain sentence that is safe to print. */
export class CaptureError extends Error {
  override readonly name = "CaptureError";
  readonly kind: CaptureErrorKind;
  /** The input's name as it was given, unescaped: never print it as it is. */
  readonly path: string;

  constructor(kind: CaptureErrorKind, path: string, sentence: string, options?: ErrorOptions) {
    super(`${displayName(path)}: ${sentence}`, options);
    this.kind = kind;
    this.path = path;
  }
}

/**
 * Makes a file name safe for a terminal: C0 and C1 controls, and the characters that reorder or hide text, become `?`.
 * Lone surrogates (names that are not valid UTF-8) are replaced as well.
 */
export function displayName(path: string): string {
  return path.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Surrogate}/gu,
    "?",
  );
}

/** Writes an integer with a comma between thousands: 2864 is `2,864`. */
export function formatCount(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}
