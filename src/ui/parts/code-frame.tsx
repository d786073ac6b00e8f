import type { Finding } from '../../model/report.js';
import { Scrollable } from './scrollable.js';

/** The user's own lines; the accused one is marked by a sign, by weight and by an underline with what it costs. */
export function CodeFrame({ location, cost }: { location: NonNullable<Finding['location']>; cost: string }) {
  const { frame } = location;
  const place = `${location.file}:${location.line}`;
  return (
    <figure class="code-frame">
      <figcaption>
        <code class="place long">{place}</code>
        {location.function ? <span class="muted"> in {location.function}</span> : null}
        {location.source === 'app' ? null : <span class="tag">{SOURCES[location.source] ?? location.source}</span>}
      </figcaption>
      {frame && frame.lines.length > 0 ? (
        <Scrollable label={`Source of ${place}`}>
          {frame.lines.map((text, i) => {
            const line = text.replaceAll('\n', ' ');
            const number = frame.firstLine + i;
            return number === frame.highlight ? (
              <Accused key={number} number={number} line={line} column={location.column} cost={cost} />
            ) : (
              <span class="line" key={number}>
                <span class="number">{number}</span>
                <span class="text">{line}</span>
              </span>
            );
          })}
        </Scrollable>
      ) : null}
    </figure>
  );
}

function Accused({ number, line, column, cost }: { number: number; line: string; column: number | undefined; cost: string }) {
  const [before, word, after] = split(line, column);
  return (
    <span class="line accused">
      <span class="number">
        <span class="sign">▸</span>
        {number}
      </span>
      <span class="text">
        {before}
        <mark>{word}</mark>
        {after}
        <span class="cost">{cost}</span>
      </span>
    </span>
  );
}

/** The line in three: what comes before the accused expression, its first name, the rest. */
export function split(line: string, column: number | undefined): [string, string, string] {
  const indent = line.length - line.trimStart().length;
  const start = column !== undefined && column - 1 >= indent && column - 1 < line.length ? column - 1 : indent;
  const word = /^(?:await\s+)?[\w$.]+/.exec(line.slice(start))?.[0] ?? line.slice(start);
  return [line.slice(0, start), word, line.slice(start + word.length)];
}

const SOURCES: Record<string, string> = { dependency: 'dependency', node: 'Node', native: 'native' };
