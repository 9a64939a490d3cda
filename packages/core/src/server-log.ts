/**
 * What every PostgreSQL server of ours writes into its log of a statement: its text, and no value. Values are parameters, which these settings
 * leave out; "terse" also leaves out an error's detail, which quotes the row that a constraint refused.
 */
export const SERVER_LOG = {
  log_parameter_max_length: "0",
  log_parameter_max_length_on_error: "0",
  log_error_verbosity: "terse",
} as const;
