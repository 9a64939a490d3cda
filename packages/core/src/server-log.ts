/**
 * The log settings of every PostgreSQL server of this project: a statement's text is logged, its values never. Values
 * are parameters, which these settings leave out; "terse" also leaves out an error's detail, which quotes the row that
 * violates a constraint.
 */
export const SERVER_LOG = {
  log_parameter_max_length: "0",
  log_parameter_max_length_on_error: "0",
  log_error_verbosity: "terse",
} as const;
