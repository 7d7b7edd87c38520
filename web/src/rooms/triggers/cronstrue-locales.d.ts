/** Teaches cronstrue German when it is loaded. */
declare module "cronstrue/locales/de";
