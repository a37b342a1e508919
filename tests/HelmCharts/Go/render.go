// Renders templates with Go's own text/template and Sprig, and with the functions that Helm adds to them, for comparison with the renderer of the tests.
// It reads cases from the JSON file that is its first argument and writes one result for each of them to the second.
package main

import (
	"encoding/json"
	"errors"
	"os"
	"path"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

type testCase struct {
	Templates   map[string]string // by path
	Files       map[string]string // for .Files
	Values      string            // YAML
	Chart       string            // YAML
	Release     map[string]interface{}
	APIVersions []string
	KubeVersion string
}

type result struct {
	Rendered map[string]string
	Error    string
}

type versionSet []string

func (v versionSet) Has(version string) bool {
	for _, known := range v {
		if known == version {
			return true
		}
	}
	return false
}

type kubeVersion struct{ Version, Major, Minor string }

func (k kubeVersion) String() string     { return k.Version }
func (k kubeVersion) GitVersion() string { return k.Version }

type capabilities struct {
	KubeVersion kubeVersion
	APIVersions versionSet
}

type metadata struct {
	Name        string            `json:"name"`
	Version     string            `json:"version"`
	AppVersion  string            `json:"appVersion"`
	Description string            `json:"description"`
	Type        string            `json:"type"`
	KubeVersion string            `json:"kubeVersion"`
	Home        string            `json:"home"`
	Annotations map[string]string `json:"annotations"`
}

type files map[string][]byte

func (f files) Get(name string) string { return string(f[name]) }

func (f files) Glob(pattern string) files {
	found := files{}
	for name, content := range f {
		if matches, _ := path.Match(pattern, name); matches {
			found[name] = content
		}
	}
	return found
}

func (f files) AsConfig() string {
	if len(f) == 0 {
		return ""
	}
	texts := map[string]string{}
	for name, content := range f {
		texts[path.Base(name)] = string(content)
	}
	return toYAML(texts)
}

func toYAML(v interface{}) string {
	data, err := yaml.Marshal(v)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(data), "\n")
}

func fromYAML(text string) map[string]interface{} {
	m := map[string]interface{}{}
	if err := yaml.Unmarshal([]byte(text), &m); err != nil {
		m["Error"] = err.Error()
	}
	return m
}

func fromYAMLArray(text string) []interface{} {
	a := []interface{}{}
	if err := yaml.Unmarshal([]byte(text), &a); err != nil {
		a = []interface{}{err.Error()}
	}
	return a
}

func functions(root *template.Template) template.FuncMap {
	f := sprig.TxtFuncMap()
	delete(f, "env")
	delete(f, "expandenv")
	f["toYaml"] = toYAML
	f["fromYaml"] = fromYAML
	f["fromYamlArray"] = fromYAMLArray
	f["toJson"] = func(v interface{}) string {
		data, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(data)
	}
	f["fromJson"] = func(text string) map[string]interface{} {
		m := map[string]interface{}{}
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			m["Error"] = err.Error()
		}
		return m
	}
	f["include"] = func(name string, data interface{}) (string, error) {
		var text strings.Builder
		err := root.ExecuteTemplate(&text, name, data)
		return text.String(), err
	}
	f["tpl"] = func(text string, data interface{}) (string, error) {
		clone, err := root.Clone()
		if err != nil {
			return "", err
		}
		clone.Option("missingkey=zero")
		parsed, err := clone.New("tpl").Parse(text)
		if err != nil {
			return "", err
		}
		var out strings.Builder
		err = parsed.Execute(&out, data)
		return strings.ReplaceAll(out.String(), "<no value>", ""), err
	}
	f["required"] = func(warning string, value interface{}) (interface{}, error) {
		if text, isText := value.(string); value == nil || isText && text == "" {
			return value, errors.New(warning)
		}
		return value, nil
	}
	f["lookup"] = func(string, string, string, string) (map[string]interface{}, error) { return map[string]interface{}{}, nil }
	f["randAlphaNum"] = func(length int) string {
		var text strings.Builder
		for i := 0; i < length; i++ {
			text.WriteByte(alphabet[i%len(alphabet)])
		}
		return text.String()
	}
	return f
}

func render(c testCase) (map[string]string, error) {
	root := template.New("gotpl")
	root.Option("missingkey=zero")
	root.Funcs(functions(root))
	var chart metadata
	if err := yaml.Unmarshal([]byte(c.Chart), &chart); err != nil {
		return nil, err
	}
	names := []string{}
	for name := range c.Templates {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if _, err := root.New(name).Parse(c.Templates[name]); err != nil {
			return nil, err
		}
	}
	c.Release["Revision"] = int(c.Release["Revision"].(float64))
	content := files{}
	for name, text := range c.Files {
		content[name] = []byte(text)
	}
	numbers := strings.Split(strings.TrimPrefix(c.KubeVersion, "v"), ".")
	rendered := map[string]string{}
	for _, name := range names {
		if strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		values := map[string]interface{}{}
		if err := yaml.Unmarshal([]byte(c.Values), &values); err != nil {
			return nil, err
		}
		var out strings.Builder
		err := root.ExecuteTemplate(&out, name, map[string]interface{}{
			"Values":       values,
			"Release":      c.Release,
			"Chart":        chart,
			"Capabilities": capabilities{kubeVersion{c.KubeVersion, numbers[0], numbers[1]}, c.APIVersions},
			"Files":        content,
			"Template":     map[string]interface{}{"Name": chart.Name + "/" + name, "BasePath": chart.Name + "/templates"},
		})
		if err != nil {
			return nil, err
		}
		rendered[name] = strings.ReplaceAll(out.String(), "<no value>", "")
	}
	return rendered, nil
}

func main() {
	data, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	var cases []testCase
	if err := json.Unmarshal(data, &cases); err != nil {
		panic(err)
	}
	results := []result{}
	for _, c := range cases {
		rendered, err := render(c)
		r := result{Rendered: rendered}
		if err != nil {
			r.Error = err.Error()
		}
		results = append(results, r)
	}
	out, err := json.Marshal(results)
	if err != nil {
		panic(err)
	}
	if err := os.WriteFile(os.Args[2], out, 0o600); err != nil {
		panic(err)
	}
}
