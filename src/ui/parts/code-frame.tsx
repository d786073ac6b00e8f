import { accusedPart, placeWords } from '../../model/place.js';
import type { Finding } from '../../model/report.js';
import { Scrollable } from './scrollable.js';

/** The user's own lines; the accused one is marked by a sign, by weight and by an underline with what it costs. */
export function CodeFrame({ location, cost }: { location: NonNullable<Finding['location']>; cost: string }) {
  const { frame } = location;
  const place = placeWords(location);
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
  const [from, to] = accusedPart(line, column);
  return (
    <span class="line accused">
      <span class="number">
        <span class="sign">▸</span>
        {number}
      </span>
      <span class="text">
        {line.slice(0, from)}
        <mark>{line.slice(from, to)}</mark>
        {line.slice(to)}
        <span class="cost">{cost}</span>
      </span>
    </span>
  );
}

const SOURCES: Record<string, string> = { dependency: 'dependency', node: 'Node', native: 'native' };
