/** How far ddx looks into the target. See DESIGN "Probe tiers". */
export type Depth = 'outside' | 'light' | 'standard' | 'deep';
