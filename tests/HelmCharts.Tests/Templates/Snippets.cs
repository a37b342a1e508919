namespace Sluice.HelmCharts.Tests.Templates;

/// <summary>Small templates that both engines render; where one refuses, both must.</summary>
internal static class Snippets
{
    public const string Chart = "name: snippets\nversion: 1.2.3\nappVersion: \"4.5\"\n";

    public const string Defined = """
        {{- define "t.name" -}}{{ .Values.name | trunc 63 | trimSuffix "-" }}{{- end -}}
        {{- define "t.labels" -}}
        app: {{ include "t.name" . }}
        tier: web
        {{- end -}}
        {{- define "t.echo" }}[{{ . }}]{{ end -}}
        {{- define "t.fails" }}{{ fail "told so" }}{{ end -}}
        """;

    public const string Values = """
        name: web
        count: 3
        zero: 0
        port: 8080
        million: 1000000
        big: 268435456
        huge: 12345678901
        fraction: 0.25
        negative: -7
        tiny: 0.00001
        yeah: yes please
        enabled: true
        disabled: false
        nothing: null
        empty: ""
        numeral: "8080"
        version: "1.30"
        octal: 0644
        hex: 0x1F
        exponent: 1e3
        on_word: on
        time: 12:30:45
        date: 2001-12-14
        list: [b, a, c, a]
        numbers: [3, 1, 2]
        none: []
        void: {}
        map: {b: 2, a: 1, c: {d: deep}}
        nested:
          one: {x: 1, z: [p, q]}
          two: {x: 2, z: []}
        texts:
          plain: hello world
          colon: "a: b"
          colons: "a:b"
          hash: "a #b"
          hashes: "a#b"
          dash: "- a"
          dashes: "-a"
          question: "? a"
          star: "*a"
          amp: "&a"
          bang: "!a"
          percent: "%a"
          at: "@a"
          tick: "`a"
          brace: "{a"
          bracket: "[a"
          quote: "'a"
          apostrophe: "it's"
          double: "\"a"
          trues: "true"
          "yes": "yes"
          "y": "y"
          "on": "on"
          "off": "Off"
          nulls: "null"
          tilde: "~"
          int: "123"
          negative: "-1"
          octal: "0644"
          hex: "0x1f"
          binary: "0b11"
          float: "1.5"
          exponent: "1e3"
          point: ".5"
          inf: ".inf"
          underscore: "1_000"
          sixty: "12:30:45"
          date: "2001-12-14"
          stamp: "2001-12-14T21:59:43.10-05:00"
          version: "1.2.3"
          dotted: "1.2.3.4"
          empty: ""
          space: " "
          leading: " a"
          trailing: "a "
          newline: "a\nb\n"
          newlines: "a\nb\n\n"
          chomped: "a\n  b"
          indented: "  a\nb"
          trail: "a \nb"
          onlyBreak: "\n"
          tab: "a\tb"
          control: "a\u0001b"
          unicode: "grüße €"
          emoji: "a😀b"
          nbsp: "a\u00a0b"
          bom: "a\uFEFFb"
          dashes3: "---"
          dots3: "... a"
          equals: "="
          merge: "<<"
          comma: ", a"
          commas: "a, b"
          url: "http://host:80/a?b=c#d"
          colonEnd: "a:"
          backslash: "a\\b"
          crlf: "a\r\nb"
          long: "aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd eeeeeeeeee ffffffffff gggggggggg hhhhhhhhhh iiiiiiiiii jjjjjjjjjj kkkkkkkkkk"
          longQuoted: "aaaaaaaaaa: bbbbbbbbbb cccccccccc dddddddddd eeeeeeeeee ffffffffff gggggggggg hhhhhhhhhh  iiiiiiiiii jjjjjjjjjj kkkkkkkkkk"
          longTab: "aaaaaaaaaa\tbbbbbbbbbb cccccccccc dddddddddd eeeeeeeeee ffffffffff gggggggggg hhhhhhhhhh  iiiiiiiiii jjjjjjjjjj kkkkkkkkkk lllll mmmmm"
        keys:
          a10: 1
          a9: 1
          a: 1
          B: 1
          _x: 1
          "1": 1
          "10": 1
          "2": 1
          a.b/c: 1
          a-b: 1
          "true": 1
          "null": 1
          "": 1
          "a: b": 1
          "- x": 1
          x100: 1
          x101: 1
          x11: 1
        lists:
        - - a
          - b
        - x: 1
          w:
          - z: 1
          - []
        - []
        - {}
        - null
        - "two\nlines"
        tpl: "{{ .Values.name }}-{{ .Release.Name }}"
        json: '{"a": [1, 2.5, "x"], "b": null}'
        yaml: "a: 1\nb: [x, y]\n"
        """;

    /// <summary>What Go renders to nonsense, or leaves to chance, and the renderer refuses.</summary>
    public static readonly string[] RefusedHereOnly =
    [
        "{{ printf \"%d\" .Values.count }}",
        "{{ printf \"%s\" .Values.missing }}",
        "{{ printf \"%s %s\" .Values.name }}",
        "{{ printf \"%s\" .Values.name .Values.name }}",
        "{{ fromYaml \"a: [\" }}",
        "{{ fromJson \"{\" }}",
        "{{ b64dec \"%%\" }}",
        "{{ now }}",
        "{{ uuidv4 }}",
        "{{ .Values.name | }}",
        "{{ toYaml . }}",
    ];

    public static readonly string[] All =
    [
        // printing
        "{{ .Values.name }} {{ .Values.count }} {{ .Values.million }} {{ .Values.big }} {{ .Values.huge }} {{ .Values.fraction }} {{ .Values.tiny }} {{ .Values.negative }}",
        "{{ .Values.million | int }} {{ .Values.big | int64 }} {{ .Values.huge | int64 }}",
        "{{ .Values.missing }}|{{ .Values.nothing }}|{{ .Values.map }}|{{ .Values.list }}|{{ .Values.nested }}|{{ .Values.lists }}",
        "{{ .Values.octal }} {{ .Values.hex }} {{ .Values.exponent }} {{ .Values.on_word }} {{ .Values.time }} {{ .Values.date }} {{ .Values.enabled }}",
        "{{ print 1 2 \"a\" \"b\" 3 true nil }}|{{ println \"a\" 1 }}|{{ print .Values.map .Values.fraction }}",
        "{{ printf \"%s-%d %5d|%-5d|%05d %v %q %t %.2f %x %%\" .Values.name 3 42 42 42 .Values.million \"a\\\"b\" true 1.005 255 }}",
        "{{ printf \"%s:%s\" .Values.name .Values.version }} {{ printf \"%v\" .Values.list }} {{ printf \"%.1f\" .Values.fraction }}",
        "{{ quote .Values.million 1 nil \"a\\nb\" true }} {{ squote .Values.name .Values.count }} {{ .Values.missing | quote }}|{{ toString .Values.million }}|{{ toString nil }}",
        "{{ \"tab\\t\\u00e9 \\x41\" }} {{ `raw \\n {{` }} {{ 'a' }} {{ 0x1F }} {{ 1e3 }} {{ 1.5 }} {{ -3 }} {{ 1_000 }}",
        // space and comments
        "a {{- 1 -}} b {{ 2 -}}\n  c\n{{- /* comment */ -}}\n d {{/* other */}} e\n{{- \"x\" }}",
        "a{{ /* no */ }}b",
        "{{- range $i, $x := .Values.list }}\n- {{ $i }}: {{ $x }}\n{{- end }}\n",
        "{{ if true }}yes{{ end",
        "{{ if\n .Values.enabled\n}}multi\n{{ end }}",
        // control
        "{{ if .Values.enabled }}a{{ else }}b{{ end }}{{ if .Values.zero }}a{{ else if .Values.empty }}b{{ else if .Values.count }}c{{ else }}d{{ end }}",
        "{{ with .Values.nested.one }}{{ .x }}{{ $.Values.name }}{{ else }}none{{ end }}{{ with .Values.void }}x{{ else }}none{{ .Values.name }}{{ end }}",
        "{{ with $x := .Values.name }}{{ $x }}{{ . }}{{ end }}",
        "{{ range $k, $v := .Values.map }}{{ $k }}={{ $v }};{{ end }}{{ range .Values.none }}x{{ else }}empty{{ end }}{{ range .Values.missing }}x{{ else }}nil{{ end }}",
        "{{ range $v := .Values.list }}{{ if eq $v \"c\" }}{{ break }}{{ end }}{{ if eq $v \"a\" }}{{ continue }}{{ end }}{{ $v }}{{ end }}",
        "{{ range .Values.name }}{{ . }}{{ end }}",
        "{{ range 3 }}{{ end }}",
        "{{ range $i, $c := until 3 }}{{ $i }}{{ $c }}{{ end }}{{ range untilStep 10 0 -3 }}{{ . }},{{ end }}",
        "{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $y := 3 }}{{ $y }}{{ end }}{{ $x }}",
        "{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}",
        "{{ if true }}{{ $y := 3 }}{{ end }}{{ $y }}",
        "{{ $x = 3 }}",
        "{{ range $i, $e := .Values.list }}{{ $e }}{{ else }}{{ end }}{{ $.Values.name }}",
        "{{ $x := 1 }}{{ range until 3 }}{{ $x }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}",
        "{{ $x := 1 }}{{ with 5 }}{{ $x := 2 }}{{ end }}{{ $x }}{{ range $x := until 2 }}{{ $x }}{{ end }}{{ $x }}{{ range $i, $_ := .Values.list }}{{ $x = $i }}{{ end }}{{ $x }}",
        "{{ break }}",
        "{{ end }}",
        "{{ if true }}",
        "{{ else }}",
        "{{ with true }}{{ else }}{{ else }}{{ end }}",
        // fields
        "{{ .Values.map.c.d }} {{ (.Values.map).c.d }} {{ (index .Values.nested \"one\").z }}",
        "{{ .Values.missing.deeper }}",
        "{{ .Values.nothing.deeper }}",
        "{{ (.Values.missing).deeper }}|{{ ((.Values.missing).deeper).still }}|{{ (.Values.missing).deeper.still }}",
        "{{ $x := .Values.missing }}{{ $x.y }}|{{ $x.y.z }}|",
        "{{ .Values.name.length }}",
        "{{ .Values.count.x }}",
        "{{ .Chart.Name }} {{ .Chart.Version }} {{ .Chart.AppVersion }} {{ .Release.Name }} {{ .Release.Namespace }} {{ .Release.Service }} {{ .Release.Revision }} {{ .Release.IsInstall }}",
        "{{ .Chart.Nothing }}",
        "{{ .Release.Nothing }}|{{ .Nothing }}|",
        "{{ .Capabilities.KubeVersion }} {{ .Capabilities.KubeVersion.Version }} {{ .Capabilities.KubeVersion.Minor }} {{ .Capabilities.APIVersions.Has \"apps/v1\" }} {{ \"x/v1\" | .Capabilities.APIVersions.Has }}",
        "{{ .Capabilities.APIVersions.Has }}",
        "{{ .Values.name \"x\" }}",
        "{{ \"x\" | .Values.name }}",
        "{{ .Template.Name }} {{ .Template.BasePath }}",
        "{{ $.Values.name }}{{ with .Values.map }}{{ .a }}{{ $.Values.count }}{{ end }}",
        "{{ .Files.Get \"a.txt\" }}|{{ .Files.Get \"missing\" }}|{{ (.Files.Glob \"conf/*\").AsConfig }}|{{ range $p, $b := .Files.Glob \"conf/*.json\" }}{{ $p }}={{ $b | toString }}{{ end }}",
        "{{ (.Values.name) }} {{ (.Values.name | upper) }} {{ .Values.name | upper | quote }} {{ ((.Values.name)) }}",
        // templates
        "{{ include \"t.labels\" . | nindent 4 }}|{{ template \"t.echo\" .Values.name }}|{{ template \"t.echo\" }}|{{ include \"t.echo\" nil }}",
        "{{ include \"t.missing\" . }}",
        "{{ template \"t.missing\" . }}",
        "{{ include \"t.fails\" . }}",
        "{{ if false }}{{ include \"t.missing\" . }}{{ end }}ok",
        "{{ define \"inner\" }}{{ .a }}{{ end }}{{ include \"inner\" .Values.map }}{{ include \"inner\" (dict \"a\" 5) }}",
        "{{ block \"blocked\" .Values.map }}{{ .b }}{{ end }}",
        "{{ if true }}{{ define \"x\" }}{{ end }}{{ end }}",
        "{{ tpl .Values.tpl . }} {{ tpl \"{{ .x | upper }}{{ .y }}\" (dict \"x\" \"a\") }} {{ tpl \"{{ include \\\"t.name\\\" . }}\" . }}",
        "{{ tpl \"{{ nonsense }}\" . }}",
        "{{ nonsense 1 }}",
        "{{ if false }}{{ nonsense 1 }}{{ end }}",
        // logic
        "{{ and 1 0 2 }} {{ and .Values.enabled .Values.name }} {{ or .Values.empty .Values.name }} {{ or .Values.missing .Values.zero }} {{ not .Values.void }} {{ and true .Values.missing }}|",
        "{{ if and .Values.missing .Values.missing.deeper }}x{{ else }}short{{ end }}{{ if or .Values.enabled .Values.missing.deeper }}short{{ end }}",
        "{{ eq 1 1 }} {{ eq .Values.name \"web\" }} {{ eq .Values.name \"a\" \"web\" }} {{ ne .Values.name \"a\" }} {{ eq .Values.count 3.0 }} {{ eq (int .Values.count) 3 }} {{ eq 3 (int64 3) }}",
        "{{ eq .Values.count 3 }}",
        "{{ gt .Values.count 2 }}",
        "{{ gt (.Values.count | int) 2 }} {{ lt 1 2 }} {{ le 2 2 }} {{ ge 1.5 1.0 }} {{ lt \"a\" \"b\" }} {{ gt (int .Values.count) (len .Values.none) }}",
        "{{ eq .Values.missing nil }} {{ eq .Values.missing \"a\" }} {{ ne .Values.missing \"\" }} {{ eq nil nil }}",
        "{{ eq .Values.map .Values.map }}",
        "{{ lt .Values.missing 1 }}",
        "{{ eq 1 \"1\" }}",
        "{{ eq true .Values.enabled }} {{ if not (eq .Values.name \"x\") }}ok{{ end }}",
        "{{ len .Values.list }} {{ len .Values.name }} {{ len .Values.map }}",
        "{{ len .Values.missing }}",
        "{{ len 3 }}",
        "{{ index .Values.list 1 }} {{ index .Values.map \"c\" \"d\" }} {{ index .Values.map \"zz\" }}|{{ index .Values.lists 1 \"w\" 0 \"z\" }}",
        "{{ index .Values.list 9 }}",
        "{{ index .Values.map 1 }}",
        "{{ index .Values.missing \"a\" }}",
        "{{ index .Values.map \"zz\" \"y\" }}",
        // defaults
        "{{ default \"d\" .Values.empty }} {{ .Values.zero | default 5 }} {{ .Values.missing | default .Values.name }} {{ default \"d\" .Values.disabled }} {{ default \"d\" .Values.void | toString }} {{ .Values.name | default \"d\" }}",
        "{{ empty .Values.none }} {{ empty 0 }} {{ empty .Values.name }} {{ coalesce .Values.missing .Values.empty 0 \"x\" }} {{ coalesce nil }}|",
        "{{ ternary \"a\" \"b\" true }} {{ .Values.enabled | ternary 1 2 }} {{ eq .Values.name \"x\" | ternary 1 2 }}",
        "{{ .Values.name | ternary 1 2 }}",
        "{{ required \"need it\" .Values.name }}",
        "{{ required \"need it\" .Values.missing }}",
        "{{ required \"need it\" .Values.empty }}",
        "{{ required \"zero is fine\" .Values.zero }}",
        "{{ kindOf .Values.count }} {{ kindOf 1 }} {{ kindOf (int64 1) }} {{ kindOf .Values.map }} {{ kindOf .Values.list }} {{ kindOf .Values.name }} {{ kindOf true }} {{ kindOf nil }} {{ kindIs \"map\" .Values.map }} {{ typeOf .Values.count }} {{ typeOf .Values.map }} {{ typeOf .Values.list }}",
        // numbers
        "{{ int \"12\" }} {{ int .Values.numeral }} {{ int \"x\" }} {{ int 3.9 }} {{ int nil }} {{ int true }} {{ int64 \"0x10\" }} {{ float64 \"1.5\" }} {{ int \"10.0\" }} {{ int \"1.5\" }} {{ int \"08\" }} {{ int -3.7 }}",
        "{{ add 1 2 3 }} {{ add .Values.count 1 }} {{ sub 5 .Values.count }} {{ mul 2 .Values.count 4 }} {{ div 7 2 }} {{ mod 7 3 }} {{ add1 4 }} {{ max 1 .Values.port 3 }} {{ min 5 2 }}",
        "{{ ceil 1.2 }} {{ floor 1.8 }} {{ round 1.2345 2 }} {{ round 2.5 0 }} {{ ceil .Values.count }} {{ round -1.5 0 }}",
        "{{ div 1 0 }}",
        "{{ range until (int .Values.count) }}{{ . }}{{ end }}",
        "{{ range until .Values.count }}{{ . }}{{ end }}",
        "{{ mul .Values.big 100 }} {{ div .Values.big 1024 | int }} {{ printf \"%dMi\" (div (int64 .Values.big) 1048576) }}",
        "{{ trunc (add 1 1) \"abc\" }}",
        "{{ trunc .Values.count \"abcdef\" }}",
        "{{ trunc 2.0 \"abc\" }}",
        "{{ atoi \"42\" }}",
        // text
        "{{ upper \"aé\" }} {{ lower \"ABC\" }} {{ title \"hello world-of go\" }} {{ trim \"  a \\n\" }} {{ trimSuffix \"-\" \"a--\" }} {{ trimPrefix \"v\" \"v1\" }} {{ trimAll \"-\" \"--a-b--\" }} {{ trunc 3 \"abcdef\" }} {{ trunc -2 \"abcdef\" }} {{ trunc 9 \"ab\" }}",
        "{{ upper .Values.missing }}",
        "{{ upper .Values.count }}",
        "{{ .Values.missing | upper }}",
        "{{ trunc 63 .Values.missing }}",
        "{{ replace \".\" \"-\" \"a.b.c\" }} {{ contains \"b\" \"abc\" }} {{ hasPrefix \"a\" \"abc\" }} {{ hasSuffix \"c\" \"abc\" }} {{ repeat 3 \"ab\" }} {{ nospace \"a b c\" }} {{ substr 1 3 \"abcdef\" }}",
        "{{ splitList \",\" \"a,b,c\" | join \"-\" }} {{ (split \",\" \"a,b\")._1 }} {{ join \",\" .Values.list }} {{ join \",\" .Values.numbers }} {{ join \",\" (list 1 nil \"a\") }} {{ join \",\" \"x\" }}",
        "{{ indent 2 \"a\\nb\\n\\nc\" }}|{{ nindent 2 \"a\\nb\" }}|",
        "{{ b64enc \"häl\" }} {{ b64dec \"aGk=\" }} {{ sha256sum \"a\" }} {{ base \"a/b/c.txt\" }}",
        "{{ regexMatch \"^a+$\" \"aaa\" }} {{ regexReplaceAll \"a(x*)b\" \"-ab-axxb-\" \"${1}W\" }} {{ regexFind \"[0-9]+\" \"ab12c3\" }}",
        "{{ semverCompare \">=1.27.0-0\" .Capabilities.KubeVersion.Version }} {{ semverCompare \"^1.2\" \"1.9.0\" }} {{ semverCompare \"^1.2\" \"2.0.0\" }} {{ semverCompare \"~1.2.3\" \"1.2.9\" }} {{ semverCompare \"~1.2\" \"1.3.0\" }} {{ semverCompare \">1.2 <2\" \"1.5.0\" }} {{ semverCompare \"1.x\" \"1.7.1\" }} {{ semverCompare \">=1.30\" \"1.30.1-gke.5\" }} {{ semverCompare \">=1.30-0\" \"1.30.1-gke.5\" }} {{ semverCompare \"<1.0 || >=2\" \"v2.1.0\" }} {{ semverCompare \"=1.2.3\" \"1.2.3\" }} {{ semverCompare \"!=1.2\" \"1.2.7\" }} {{ semverCompare \"<=1.2\" \"1.2.9\" }} {{ semverCompare \">1.2\" \"1.2.9\" }} {{ semverCompare \"^0.2.1\" \"0.2.9\" }} {{ semverCompare \"^0.0.3\" \"0.0.4\" }} {{ semverCompare \"~1\" \"1.9.9\" }}",
        "{{ range list \"1.2.2\" \"1.2.3\" \"1.2.4\" \"1.3.0\" \"2.0.0\" \"0.2.3\" \"0.0.3\" \"1.2.3-rc.1\" \"1.2.3-rc.2\" \"1.2\" }}{{ $v := . }}{{ range list \"<=1.2.3\" \"<1.2.3\" \">=1.2.3\" \">1.2.3\" \"=1.2.3\" \"!=1.2.3\" \"^1.2.3\" \"~1.2.3\" \"^0.2.3\" \"^0.0.3\" \"^0.0\" \"^0\" \"~0.2\" \">=1.2.3-rc.1\" \"<1.2.3-rc.2\" \"^1.2.3-rc.1\" \"1.2\" \"*\" \">1\" \"<=1\" \"<2\" \">= 1.2.3, < 2\" }}{{ semverCompare . $v | ternary 1 0 }}{{ end }} {{ end }}",
        "{{ randAlphaNum 5 }}",
        // lists
        "{{ list 1 \"a\" nil }} {{ first .Values.list }} {{ last .Values.list }} {{ rest .Values.list }} {{ initial .Values.list }} {{ append .Values.list \"z\" }} {{ prepend .Values.list \"z\" }} {{ concat .Values.list (list 1) }} {{ uniq .Values.list }} {{ sortAlpha .Values.list }} {{ reverse .Values.numbers }} {{ compact (list 0 1 \"\" \"a\") }}",
        "{{ has \"a\" .Values.list }} {{ has 1 .Values.numbers }} {{ has 1.0 .Values.numbers }} {{ without .Values.list \"a\" }} {{ slice .Values.list 1 3 }} {{ first .Values.none }}|{{ has \"a\" nil }} {{ sortAlpha .Values.numbers }} {{ toStrings .Values.numbers }}",
        "{{ first .Values.missing }}",
        "{{ first \"abc\" }}",
        "{{ sortAlpha (keys .Values.map) }} {{ keys .Values.map | sortAlpha | join \",\" }}",
        // maps
        "{{ dict \"a\" 1 \"b\" .Values.list }} {{ (dict \"a\" 1).a }} {{ hasKey .Values.map \"a\" }} {{ hasKey .Values.map \"z\" }} {{ get .Values.map \"a\" }} {{ get .Values.map \"z\" }}| {{ pluck \"x\" .Values.nested.one .Values.nested.two }} {{ pick .Values.map \"a\" \"c\" }} {{ omit .Values.map \"a\" }}",
        "{{ $d := dict \"a\" 1 }}{{ $_ := set $d \"b\" 2 }}{{ $d }}{{ $_ := unset $d \"a\" }}{{ $d }}{{ dig \"c\" \"d\" \"none\" .Values.map }}{{ dig \"q\" \"d\" \"none\" .Values.map }}",
        "{{ merge (dict \"a\" 1 \"e\" \"\" \"f\" false \"m\" (dict \"x\" 1)) (dict \"a\" 2 \"b\" 3 \"e\" \"E\" \"f\" true \"m\" (dict \"x\" 9 \"y\" 2)) }}",
        "{{ mergeOverwrite (dict \"a\" 1 \"e\" \"x\" \"f\" true \"m\" (dict \"x\" 1)) (dict \"a\" 2 \"b\" 3 \"e\" \"\" \"f\" false \"m\" (dict \"x\" 9 \"y\" 2)) }}",
        "{{ $c := deepCopy .Values.map }}{{ $_ := set $c \"a\" 9 }}{{ .Values.map.a }}{{ $c.a }}",
        "{{ hasKey .Values.missing \"a\" }}",
        "{{ get .Values.name \"a\" }}",
        "{{ set .Values.missing \"a\" 1 }}",
        "{{ dict \"a\" }}",
        // documents
        "{{ toYaml .Values.map }}|{{ toYaml .Values.list }}|{{ toYaml nil }}|{{ toYaml .Values.void }}|{{ toYaml .Values.none }}|{{ toYaml .Values.name }}|{{ toYaml .Values.million }}|{{ toYaml true }}",
        "{{ toYaml .Values.texts }}",
        "{{ range $k, $v := .Values.texts }}{{ toYaml $v }}\n{{ end }}",
        "{{ range $k, $v := .Values.texts }}{{ toYaml (list $v (list $v) (dict \"k\" $v)) }}\n{{ end }}",
        "{{ toYaml .Values.keys }}",
        "{{ toYaml .Values.lists }}|{{ toYaml .Values.nested | nindent 2 }}",
        "{{ toYaml (dict \"m\" .Values.million \"b\" .Values.big \"h\" .Values.huge \"f\" .Values.fraction \"t\" .Values.tiny \"n\" .Values.negative \"i\" 5 \"e\" 1e20 \"e2\" 1e21 \"p\" 1234567.5) }}",
        "{{ toJson .Values.map }} {{ toJson .Values.texts }} {{ toJson .Values.million }} {{ toJson 1.5 }} {{ toJson .Values.tiny }} {{ toJson 1e21 }} {{ toJson 0.0000001 }} {{ toJson nil }} {{ toJson \"<a&b>\" }}",
        "{{ toPrettyJson .Values.nested }}",
        "{{ (fromYaml .Values.yaml).b }} {{ fromYaml .Values.yaml | toJson }} {{ (fromYaml .Values.yaml).a | kindOf }} {{ fromYamlArray \"[1, a]\" }} {{ fromYaml \"\" }}",
        "{{ (fromJson .Values.json).a }} {{ fromJson .Values.json | toYaml }}",
        "{{ lookup \"v1\" \"Secret\" \"ns\" \"x\" }} {{ if lookup \"v1\" \"Secret\" \"ns\" \"x\" }}there{{ else }}not{{ end }} {{ (lookup \"v1\" \"Secret\" \"ns\" \"x\").data }}|{{ ((lookup \"v1\" \"Secret\" \"ns\" \"x\").data).key }}|",
        // syntax
        "{{ | upper }}",
        "{{ }}",
        "{{ (.Values.name }}",
        "{{ .Values.name) }}",
        "{{ \"unterminated }}",
        "{{ 1 | 2 }}",
        "{{ nil }}",
        "{{ 1 2 }}",
        "{{ .Values.name .Values.count }}",
        "{{ upper }}",
        "{{ upper \"a\" \"b\" }}",
        "{{ $x, $y := .Values.list }}",
        "{{ range $x, $y, $z := .Values.list }}{{ end }}",
        "{{ \"a\" | upper | printf \"%s-%s\" \"b\" }}",
        "{{ upper 3 }}",
        "{{ .Values.name.x.y }}",
        "{{ 08 }}",
        "{{ true.x }}",
        "{{ template \"t.echo\" (list 1 2) }}",
        "{{ a-b }}",
        "{{ .a-b }}",
        "{{ \"a\"\"b\" }}",
        "{{ upper(\"a\") }}",
        "{{ with $x := .Values.missing }}{{ end }}{{ $x }}",
    ];
}
