/** Faults that are kept; a person reads the first few, a program the count. */
export const MAX_FAULTS_KEPT = 1000;
