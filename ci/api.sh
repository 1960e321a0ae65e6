# Sourced by the scripts that write comments; $work is a folder of their own.

# warn WORDS: a comment that cannot be written fails no job.
warn() {
  printf '%s%s\n' "${warning_prefix:-}" "$1"
  exit 0
}

# api METHOD URL [FILE]: sends FILE as JSON; the answer is $work/answer, the status is printed. The headers that nobody
# else may see come on standard input: arguments are public.
api() {
  curl --silent --show-error --max-time 60 --retry 2 --request "$1" --url "$2" --config - \
    --header 'Content-Type: application/json' ${3:+--data-binary "@$3"} \
    --output "$work/answer" --write-out '%{http_code}'
}

# assert_token TOKEN: it becomes part of a configuration of curl.
assert_token() {
  [[ $1 =~ ^[A-Za-z0-9_.=-]+$ ]] || warn 'comment not written: there is no token that could be one'
}

# marker_of FILE: its first line, by which the comment is found again.
marker_of() {
  local first
  read -r first <"$1"
  [[ $first =~ ^\<!--\ bench-ci:\ [A-Za-z0-9._-]+\ --\>$ ]] || warn 'comment not written: its file has no marker'
  printf '%s' "$first"
}

# as_body FILE: the file as the JSON that both systems take.
as_body() {
  node -e '
    const body = require("node:fs").readFileSync(process.argv[1], "utf8");
    process.stdout.write(JSON.stringify({ body }));
  ' "$1"
}

# found MARKER FIELD AUTHOR: of the list in $work/answer the id of the first comment of that author with that marker,
# then the length of the list. FIELD is where the author is: user.login, author.id.
found() {
  node -e '
    const [file, marker, field, author] = process.argv.slice(1);
    const list = JSON.parse(require("node:fs").readFileSync(file, "utf8"));
    const authorOf = (one) => String(field.split(".").reduce((value, key) => value?.[key], one));
    const own = list.find((one) => authorOf(one) === author && String(one.body).startsWith(`${marker}\n`));
    console.log(`${Number(own?.id ?? 0)} ${list.length}`);
  ' "$work/answer" "$1" "$2" "$3"
}

unanswered() { warn "comment not written: $system does not answer"; }

# put_comment LIST EDIT METHOD FIELD AUTHOR FILE: posts FILE to the list of comments, or sends it with METHOD to EDIT/ID
# where the list has one of ours. Needs `system`, a name, and `call`, which is `api` with its secret headers.
put_comment() {
  local list=$1 edit=$2 method=$3 field=$4 author=$5 file=$6
  local marker status id=0 length page=1
  marker=$(marker_of "$file")
  [[ $marker == '<!--'* ]] || { printf '%s\n' "$marker"; exit 0; }
  while [ "$page" -le 50 ]; do
    status=$(call GET "$list?per_page=100&page=$page") || unanswered
    [ "$status" = 200 ] || warn "comment not written: $system answers $status to a request for the comments"
    read -r id length < <(found "$marker" "$field" "$author")
    if [ "$id" -ne 0 ] || [ "$length" -lt 100 ]; then break; fi
    page=$((page + 1))
  done
  as_body "$file" >"$work/body"
  if [ "$id" -ne 0 ]; then
    status=$(call "$method" "$edit/$id" "$work/body") || unanswered
  else
    status=$(call POST "$list" "$work/body") || unanswered
  fi
  case $status in
    200) echo 'comment replaced' ;;
    201) echo 'comment written' ;;
    403) warn "comment not written: $system answers 403: the token may not write comments here" ;;
    *) warn "comment not written: $system answers $status" ;;
  esac
}
