import type { ComponentChildren } from 'preact';
import type { Report } from '../../model/report.js';
import { wordBytes, wordMany, wordMs, wordSeconds } from '../../model/wording.js';
import { Scrollable } from '../parts/scrollable.js';
import { Section } from '../parts/section.js';
import { loadWords } from './verdict.js';

/** Under which conditions all this was measured, what ddx itself cost, and what may spoil the figures. */
export function Recording({ report }: { report: Report }) {
  const { target, window, ddx } = report;
  const { machine, limits } = target;
  const lag = window.load?.lagP99Ms;
  const facts: [title: string, value: ComponentChildren][] = [
    ['Target', <code key="c">{target.command}</code>],
    [
      'Process',
      `${target.runtime}, pid ${target.pid}${target.port === null ? '' : `, port ${target.port}`}${target.processes > 1 ? `, ${target.processes} processes` : ''}`,
    ],
    ['Window', `${wordSeconds(window.durationS)}, ended by ${window.endedBy}`],
    ['Load', loadWords(report)],
    ...(lag === null || lag === undefined
      ? []
      : [['Load sent late', `${wordMs(lag)} at p99, ${wordMs(window.load?.lagP50Ms ?? 0)} at p50`] as [string, string]]),
    ['Depth', ddx.depth],
    ['Cost of ddx', ddx.overhead.says],
    [
      'Machine',
      `${wordMany(machine.cores, 'core')}, ${machine.cpuModel}, ${wordBytes(machine.memoryBytes)}, ${machine.platform} ${machine.arch}, kernel ${machine.kernel}`,
    ],
    [
      'Limits',
      [
        limits.quotaCores === null ? 'no CPU quota' : `quota of ${wordMany(limits.quotaCores, 'core')}`,
        limits.memoryBytes === null ? 'no memory limit' : `${wordBytes(limits.memoryBytes)} of memory`,
        `${wordMany(limits.usableCores, 'core')} usable`,
        `${wordMany(limits.poolThreads, 'libuv thread')}`,
      ].join(', '),
    ],
    ['ddx', ddx.version],
  ];
  return (
    <Section id="recording" title="Recording">
      {report.warnings.length > 0 ? (
        <ul class="warnings">
          {report.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      ) : null}
      <dl class="reasons">
        {facts.map(([title, value]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <Exit report={report} />
      </dl>
      <details>
        <summary>Versions</summary>
        <dl class="versions">
          {Object.entries(target.versions).map(([name, version]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{version}</dd>
            </div>
          ))}
        </dl>
      </details>
    </Section>
  );
}

function Exit({ report }: { report: Report }) {
  const { exit } = report.target;
  if (!exit) return null;
  return (
    <div>
      <dt>Exit</dt>
      <dd>
        {exit.signal === null ? `code ${exit.code ?? 'unknown'}` : exit.signal}
        {exit.stderrTail.length > 0 ? (
          <Scrollable label="Last lines of the target's stderr">{exit.stderrTail.join('\n')}</Scrollable>
        ) : null}
      </dd>
    </div>
  );
}
