import fc from "fast-check";

/** The main job takes the same examples each time, so that what fails is what was changed; `.ci/fuzz` takes others. */
fc.configureGlobal({ seed: Number(process.env.COPYLINT_SEED ?? 1) });
