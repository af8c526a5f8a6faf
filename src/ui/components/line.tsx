/**
 * One line of text, exactly as wide as it is told to be.
 */
import { Text } from "ink";
import { useContext } from "react";
import { type Span, toWidth } from "../spans.js";
import { ThemeContext } from "../theme.js";

export interface LineProps {
  readonly spans: readonly Span[];
  /** Characters; longer text is cut, shorter filled with blanks. */
  readonly width: number;
}

export function Line({ spans, width }: LineProps) {
  const { glyphs, looks } = useContext(ThemeContext);
  return (
    <Text wrap="truncate">
      {toWidth(spans, width, glyphs.isAscii).map((piece, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a line have no identity but their place
        <Text key={index} {...looks[piece.tone]}>
          {piece.text}
        </Text>
      ))}
    </Text>
  );
}
