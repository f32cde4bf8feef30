"""A message with every kind of field and rule that the bridge knows."""

from tests.gateway.protos import message, proto

FILE = proto(
    "things",
    """
message Thing {
  string name = 1 [(buf.validate.field).required = true, (buf.validate.field).string = {min_len: 2, max_len: 5}];
  optional int32 small = 2 [(buf.validate.field).int32 = {gte: 1, lt: 10}];
  optional int64 big_number = 3;
  optional double ratio = 4 [(buf.validate.field).double = {gt: 0, lte: 1}];
  optional bool is_on = 5;
  optional bytes blob = 6 [(buf.validate.field).bytes.max_len = 4];
  repeated string tags = 7 [(buf.validate.field).repeated = {
    min_items: 1, max_items: 3, unique: true, items: {string: {max_len: 3}}
  }];
  Thing inner = 8;
  repeated Part parts = 9 [(buf.validate.field).repeated.max_items = 50];
  orrery.types.v1.RawJson details = 10;
  repeated orrery.types.v1.RawJson notes = 11 [(buf.validate.field).repeated.max_items = 5];
  map<string, int64> counts = 12 [(buf.validate.field).map.max_pairs = 2];
  map<string, Part> named = 13 [(buf.validate.field).map.max_pairs = 5];
  map<string, orrery.types.v1.RawJson> documents = 14 [(buf.validate.field).map.max_pairs = 5];
  oneof target {
    string user = 15;
    string group = 16;
  }
  optional string kind = 17 [(buf.validate.field).string = {in: ["red", "green"]}];
  optional string mail = 18 [(buf.validate.field).string.email = true];
  optional string key = 19 [(buf.validate.field).string.uuid = true];
  optional string code = 20 [(buf.validate.field).string = {max_len: 20, pattern: "^[a-z]+$"}];
  optional string odd_name = 21 [json_name = "odd_name"];
  optional uint64 unsigned = 22;
  optional string link = 23 [(buf.validate.field).string.uri = true];
}
message Part { int32 size = 1 [(buf.validate.field).required = true]; optional string label = 2; }
message Asked {
  int64 thing_id = 1 [(buf.validate.field).int64.gt = 0];
  optional int32 limit = 2 [(buf.validate.field).int32 = {gte: 1, lte: 100}];
  optional double ratio = 3;
  optional bool is_on = 4;
  repeated string tag_names = 5 [(buf.validate.field).repeated.max_items = 2];
  optional string word = 6;
}
message Listed { orrery.types.v1.ListQuery query = 1; }
message Renamed { int64 thing_id = 1; optional string name = 2; }
""",
)
THING, PART, ASKED, LISTED, RENAMED = (message(FILE, name) for name in ("Thing", "Part", "Asked", "Listed", "Renamed"))
