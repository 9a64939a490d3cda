import { LambdaClient, paginateListFunctions } from "@aws-sdk/client-lambda";
import { all, aws, isOurs, type Look, patient } from "./found.ts";

export const functions: Look = {
  service: "Lambda",
  namespaces: ["lambda"],
  types: ["AWS::Lambda::Function"],
  async find(asked) {
    const client = new LambdaClient(patient(asked));
    const found = await all(paginateListFunctions({ client }, {}), (page) => page.Functions);
    return found
      .filter(({ FunctionName, FunctionArn }) => isOurs(asked, FunctionName, FunctionArn))
      .map(({ FunctionName: name = "" }) => ({
        type: "AWS::Lambda::Function",
        id: name,
        name,
        usdMonthly: 0, // no caller is left
        commands: [aws(asked, "lambda", "delete-function", "--function-name", name)],
      }));
  },
};
