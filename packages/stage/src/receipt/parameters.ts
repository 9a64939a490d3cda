import { paginateGetParametersByPath, SSMClient } from "@aws-sdk/client-ssm";
import { APP, all, aws, type Look, patient } from "./found.ts";

/** The path under which SST keeps the names of functions. */
export const parameters: Look = {
  service: "SSM",
  namespaces: ["ssm"],
  types: ["AWS::SSM::Parameter"],
  async find(asked) {
    const client = new SSMClient(patient(asked));
    const pages = paginateGetParametersByPath(
      { client },
      { Path: `/sst/${APP}/${asked.stage}/`, Recursive: true },
    );
    return (await all(pages, (page) => page.Parameters)).map(({ Name: name = "" }) => ({
      type: "AWS::SSM::Parameter",
      id: name,
      name,
      usdMonthly: 0, // SST creates standard ones
      commands: [aws(asked, "ssm", "delete-parameter", "--name", name)],
    }));
  },
};
