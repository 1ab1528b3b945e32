/** All commands but the two that are to start at once (program.ts): they are loaded together. */
export { adoptCommand } from './adopt-command.js';
export { doctorCommand } from './doctor-command.js';
export { mkdirsCommand } from './mkdirs-command.js';
export { statsCommand } from './stats-command.js';
export { storesCommand } from './stores-command.js';
