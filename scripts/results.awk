# Test results in Visual Studio's TRX format to lines of outcome, name and message, parted by tabs. One record is one
# element: attributes and text have their < escaped, so that a record begins at every one that is bare.
BEGIN { RS = "<" }

function plain(text) {
    gsub(/&#xD;/, "", text)
    gsub(/&#xA;|&#x9;|[\n\r\t]/, " ", text)
    gsub(/&lt;/, "<", text)
    gsub(/&gt;/, ">", text)
    gsub(/&quot;/, "\"", text)
    gsub(/&apos;|&#39;/, "'", text)
    gsub(/&amp;/, "\\&", text)
    gsub(/  +/, " ", text)
    return text
}

function attribute(name,    rest) {
    if (!match($0, " " name "=\"[^\"]*\"")) return ""
    rest = substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
    return plain(rest)
}

function report() {
    if (test != "") print outcome "\t" test "\t" message
    test = message = ""
}

/^UnitTestResult / {
    report()
    test = attribute("testName")
    outcome = attribute("outcome")
    if (outcome == "NotExecuted") outcome = "Skipped"
    else if (outcome != "Passed") outcome = "Failed"
    inside = 1
}

# The message of this test, not what the run says at its end.
/^\/UnitTestResult>/ { inside = 0 }
/^(Message|StdOut)>/ && inside && message == "" { message = plain(substr($0, index($0, ">") + 1)) }

END { report() }
