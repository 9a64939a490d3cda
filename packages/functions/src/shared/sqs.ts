export { openSqs } from "@cloud-design/core/sqs";
