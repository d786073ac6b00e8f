import { describe, expect, it } from 'vitest';
import { BUDGET_SHARE, createBudget, ledgerShare, pauseUs, windowAtDutyUs, windowUs } from './budget.js';

const LOOK_US = 250_000;
/** Of a thread that never waits. */
const LEFT = ledgerShare(1);

describe('how much of the time the owner ledger is kept', () => {
  it('all of it, while that is cheap', () => {
    const budget = createBudget();
    for (let i = 0; i < 40; i++) budget.spent(LOOK_US * LEFT * 0.9, LOOK_US, LOOK_US);
    expect(budget.duty).toBe(1);
  });

  it('so much that it stays within its budget, at once', () => {
    const budget = createBudget();
    budget.spent(LOOK_US * LEFT * 10, LOOK_US, LOOK_US);
    expect(budget.duty).toBeCloseTo(0.1);
    budget.spent(LOOK_US * 0.9, LOOK_US, LOOK_US);
    expect(budget.duty).toBeGreaterThan(0.015);
  });

  it('which a busy thread shares with everything else of the probe, and an idle one need not', () => {
    expect(ledgerShare(1)).toBeLessThan(BUDGET_SHARE / 2);
    expect(ledgerShare(0.2)).toBeGreaterThan(BUDGET_SHARE);
    const idle = createBudget();
    const busy = createBudget();
    idle.spent(LOOK_US * BUDGET_SHARE, LOOK_US, LOOK_US * 0.3);
    busy.spent(LOOK_US * BUDGET_SHARE, LOOK_US, LOOK_US);
    expect(idle.duty).toBe(1);
    expect(busy.duty).toBeLessThan(0.5);
  });

  it('the peak counts, and is forgotten slowly', () => {
    const budget = createBudget();
    budget.spent(LOOK_US * LEFT * 10, LOOK_US, LOOK_US);
    for (let i = 0; i < 4; i++) budget.spent(0, LOOK_US, LOOK_US);
    expect(budget.duty).toBeLessThan(0.2);
    for (let i = 0; i < 60; i++) budget.spent(0, LOOK_US, LOOK_US);
    expect(budget.duty).toBe(1);
  });

  it('does not flutter at the edge', () => {
    const budget = createBudget();
    budget.spent(LOOK_US * LEFT * 1.01, LOOK_US, LOOK_US);
    budget.spent(LOOK_US * LEFT * 0.95, LOOK_US, LOOK_US);
    expect(budget.duty).toBeLessThan(1);
    expect(budget.duty).toBeGreaterThan(0.9);
  });

  it('never stops looking, and learns nothing from no time', () => {
    const budget = createBudget();
    budget.spent(1e9, 1000, 1000);
    expect(budget.duty).toBeGreaterThan(0);
    const before = budget.duty;
    budget.spent(1e9, 0, 0);
    expect(budget.duty).toBe(before);
  });

  it('windows hold several of the slowest requests, within bounds', () => {
    expect(windowUs(100)).toBe(100_000);
    expect(windowUs(100_000)).toBe(400_000);
    expect(windowUs(60e6)).toBe(2_000_000);
  });

  it('kept for most of the time, few long windows serve better than many short ones', () => {
    expect(windowAtDutyUs(100, 0.1)).toBe(100_000);
    expect(windowAtDutyUs(100, 0.8)).toBeCloseTo(800_000);
    expect(windowAtDutyUs(100, 1)).toBe(5_000_000);
    expect(windowAtDutyUs(200_000, 0.5)).toBe(800_000);
  });

  it('pauses make up the rest, but leave a recording of seconds some windows', () => {
    expect(pauseUs(100_000, 0.2)).toBeCloseTo(400_000);
    expect(pauseUs(100_000, 0.001)).toBe(1_400_000);
  });
});
