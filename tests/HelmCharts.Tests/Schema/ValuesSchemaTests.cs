using Sluice.HelmCharts.Schema;
using Sluice.HelmCharts.Values;

namespace Sluice.HelmCharts.Tests.Schema;

public sealed class ValuesSchemaTests
{
    [Theory]
    [InlineData("""{"type": "object", "properties": {"a": {"type": "integer"}}}""", "a: 1.5", "a: integer was expected, not float64 1.5")]
    [InlineData("""{"properties": {"a": {"type": ["string", "null"]}}}""", "a: 5", "a: string or null was expected")]
    [InlineData("""{"required": ["a"]}""", "b: 1", "(root): a is required")]
    [InlineData("""{"properties": {"a": {}}, "additionalProperties": false}""", "a: 1\nb: 2", "b: nothing is allowed here")]
    [InlineData("""{"additionalProperties": {"type": "string"}}""", "b: 2", "b: string was expected")]
    [InlineData("""{"patternProperties": {"^x": {"type": "string"}}, "additionalProperties": false}""", "x1: 2", "x1: string was expected")]
    [InlineData("""{"propertyNames": {"pattern": "^[a-z]+$"}}""", "a1: 2", "a1: 'a1' does not match")]
    [InlineData("""{"properties": {"a": {"enum": ["x", 5]}}}""", "a: 6", "a: 6 is none of")]
    [InlineData("""{"properties": {"a": {"const": true}}}""", "a: false", "a: true was expected")]
    [InlineData("""{"properties": {"a": {"items": {"type": "string"}}}}""", "a: [x, 5]", "a[1]: string was expected")]
    [InlineData("""{"properties": {"a": {"minItems": 1}}}""", "a: []", "a: too few items")]
    [InlineData("""{"properties": {"a": {"maxItems": 1}}}""", "a: [1, 2]", "a: too many items")]
    [InlineData("""{"properties": {"a": {"uniqueItems": true}}}""", "a: [1, 2, 1]", "a: an item is there twice")]
    [InlineData("""{"properties": {"a": {"minimum": 1}}}""", "a: 0", "a: 0 is below the minimum")]
    [InlineData("""{"properties": {"a": {"maximum": 1}}}""", "a: 2", "a: 2 is above the maximum")]
    [InlineData("""{"properties": {"a": {"exclusiveMinimum": 1}}}""", "a: 1", "a: 1 is not above")]
    [InlineData("""{"properties": {"a": {"exclusiveMaximum": 1}}}""", "a: 1", "a: 1 is not below")]
    [InlineData("""{"properties": {"a": {"minLength": 2}}}""", "a: x", "a: 'x' is too short")]
    [InlineData("""{"properties": {"a": {"maxLength": 2}}}""", "a: xyz", "a: 'xyz' is too long")]
    [InlineData("""{"properties": {"a": {"pattern": "^[0-9]+$"}}}""", "a: x", "a: 'x' does not match")]
    [InlineData("""{"minProperties": 2}""", "a: x", "(root): too few keys")]
    [InlineData("""{"maxProperties": 1}""", "a: x\nb: x", "(root): too many keys")]
    [InlineData("""{"properties": {"a": {"oneOf": [{"minimum": 1}, {"minimum": 2}]}}}""", "a: 3", "a: fits 2 of oneOf")]
    [InlineData("""{"properties": {"a": {"anyOf": [{"type": "string"}, {"minimum": 2}]}}}""", "a: 1", "a: fits none of anyOf")]
    [InlineData("""{"allOf": [{"required": ["a"]}, {"required": ["b"]}]}""", "a: 1", "(root): b is required")]
    [InlineData("""{"not": {"required": ["a", "b"]}}""", "a: 1\nb: 1", "(root): fits what it must not")]
    [InlineData("""{"if": {"properties": {"a": {"const": 1}}}, "then": {"required": ["b"]}}""", "a: 1", "(root): b is required")]
    [InlineData("""{"if": {"properties": {"a": {"const": 1}}}, "else": {"required": ["b"]}}""", "a: 2", "(root): b is required")]
    [InlineData("""{"properties": {"a": {"$ref": "#/$defs/port"}}, "$defs": {"port": {"maximum": 65535}}}""", "a: 70000", "a: 70000 is above")]
    [InlineData("""{"properties": {"a": {"$ref": "#/definitions/p"}}, "definitions": {"p": {"properties": {"b": {"type": "string"}}}}}""", "a: {b: 1}", "a.b: string was expected")]
    public void A_value_that_does_not_fit_is_found(string schema, string values, string problem) =>
        Assert.Contains(ValuesSchema.Parse(schema, "s").FindProblems(ValuesLayer.ReadYaml(values, "v")), found => found.StartsWith(problem, StringComparison.Ordinal));

    [Fact]
    public void What_fits_is_not_complained_of()
    {
        const string Schema = """
            {"$schema": "x", "type": "object", "additionalProperties": false, "required": ["a"], "properties": {
              "a": {"type": "integer", "minimum": 1, "maximum": 5, "description": "d"},
              "b": {"type": ["string", "null"], "pattern": "^x", "minLength": 1},
              "c": {"type": "array", "items": {"oneOf": [{"type": "string"}, {"type": "number"}]}}}}
            """;

        Assert.Empty(ValuesSchema.Parse(Schema, "s").FindProblems(ValuesLayer.ReadYaml("a: 5\nb: null\nc: [a, 1.5]", "v")));
    }

    [Theory]
    [InlineData("""{"properties": {"a": {"dependentRequired": {}}}}""", "#/properties/a/dependentRequired: this keyword is not checked")]
    [InlineData("""{"anyOf": [{"typ": "string"}]}""", "#/anyOf/typ: this keyword")]
    [InlineData("""{"$ref": "other.json"}""", "only references within the file")]
    [InlineData("""{"type": "int"}""", "there is no type int")]
    public void A_schema_that_would_not_be_checked_is_refused(string schema, string problem) =>
        Assert.Contains(problem, Assert.Throws<ChartException>(() => ValuesSchema.Parse(schema, "s")).Message, StringComparison.Ordinal);

    [Fact]
    public void The_merged_values_are_checked_before_anything_is_rendered()
    {
        var chart = Charts.Of("a: 1", ("values.schema.json", """{"properties": {"a": {"maximum": 3}}}"""), ("templates/NOTES.txt", "{{ fail \"rendered\" }}"));

        var exception = Assert.Throws<ChartException>(() => chart.Render(new HelmRelease(), ValuesLayer.Set("a=4")));

        Assert.Contains("a: 4 is above the maximum", exception.Message, StringComparison.Ordinal);
    }
}
