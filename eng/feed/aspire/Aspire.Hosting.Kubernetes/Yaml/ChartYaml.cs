using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Aspire.Hosting.Kubernetes.Yaml;

/// <summary>YAML of a chart: what is null or an empty collection is left out, every text is quoted, except for Helm expressions that are to become numbers.</summary>
internal static class ChartYaml
{
    public static string Write(object value) => new SerializerBuilder()
        .WithNamingConvention(CamelCaseNamingConvention.Instance)
        .WithTypeConverter(new Int32OrStringConverter())
        .WithEventEmitter(next => new QuotedText(next))
        .WithEmissionPhaseObjectGraphVisitor(arguments => new NoEmptyCollections(arguments.InnerVisitor))
        .ConfigureDefaultValuesHandling(DefaultValuesHandling.OmitNull)
        .DisableAliases()
        .WithNewLine("\n")
        .WithIndentedSequences()
        .Build()
        .Serialize(value);
}
