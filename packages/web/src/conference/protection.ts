/**
 * What the programme's picture needs of the line it shares with the call. 0: nothing, 1: smaller cameras and no
 * screen, 2: voices alone.
 */
export type Protection = 0 | 1 | 2;
