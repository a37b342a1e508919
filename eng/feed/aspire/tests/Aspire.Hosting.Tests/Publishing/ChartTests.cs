using Sluice.Testing;

namespace Aspire.Hosting.Tests.Publishing;

/// <summary>Charts and manifests are those of the real publisher, its faults included: the snapshots are the real one's output.</summary>
public sealed class ChartTests : IDisposable
{
    private readonly PublishStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task The_chart_is_the_real_publishers_to_the_byte()
    {
        Assert.Equal(0, await _stage.PublishAsync(ModelsSample.Describe));

        var expected = Snapshot("models").Where(file => file.Key != "aspire-manifest.json").ToDictionary();
        var actual = FilesBelow(_stage.Output);
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        foreach (var (name, text) in expected)
        {
            Assert.True(text == actual[name], $"{name}:\n{actual[name]}");
        }
    }

    [Fact]
    public async Task Variants_are_the_real_publishers_to_the_byte()
    {
        Assert.Equal(0, await _stage.PublishAsync(VariantsSample.Describe));

        var actual = FilesBelow(_stage.Output);
        foreach (var (name, text) in Snapshot("variants"))
        {
            Assert.True(text == actual[name], $"{name}:\n{actual[name]}");
        }
    }

    [Theory]
    [InlineData("publish-manifest", false)]
    [InlineData("publish-manifest", true)]
    public async Task The_manifest_is_the_real_publishers_to_the_byte(string step, bool isFileNamed)
    {
        Assert.Equal(0, await _stage.PublishAsync(ModelsSample.Describe, step, isFileNamed ? Path.Combine(_stage.Output, "aspire-manifest.json") : null));

        Assert.Equal(Snapshot("models")["aspire-manifest.json"], await _stage.ReadAsync("aspire-manifest.json"));
    }

    [Fact]
    public async Task Nothing_in_the_output_depends_on_when_or_with_which_values_it_was_made()
    {
        using var other = new PublishStage { Configuration = { ["Parameters:api-key"] = "a value", ["Parameters:region"] = "another" } };

        await _stage.PublishAsync(ModelsSample.Describe);
        await _stage.PublishAsync(ModelsSample.Describe, "publish-manifest");
        await other.PublishAsync(ModelsSample.Describe);
        await other.PublishAsync(ModelsSample.Describe, "publish-manifest");

        Assert.Equal(FilesBelow(_stage.Output), FilesBelow(other.Output));
    }

    [Fact]
    public async Task A_kind_of_our_own_gets_the_labels_of_its_resource_and_its_numbers_stay_numbers()
    {
        await _stage.PublishAsync(VariantsSample.Describe);

        Assert.Equal(
            """
            ---
            apiVersion: "policy/v1"
            kind: "PodDisruptionBudget"
            metadata:
              name: "engine-budget"
              labels:
                app.kubernetes.io/name: "{{ .Chart.Name }}"
                app.kubernetes.io/component: "engine"
                app.kubernetes.io/instance: "{{ .Release.Name }}"
            spec:
              minAvailable: 1
              unhealthyPodEvictionPolicy: "AlwaysAllow"

            """,
            await _stage.ReadAsync("templates", "engine", "budget.yaml"));
    }

    [Fact]
    public async Task A_value_with_quotes_goes_into_the_template_without_any()
    {
        await _stage.PublishAsync(VariantsSample.Describe);

        Assert.Contains("""STATIC: "{{ .Values.config.engine.STATIC }}" """.TrimEnd(), await _stage.ReadAsync("templates", "engine", "config.yaml"), StringComparison.Ordinal);
        Assert.Contains("""STATIC: "some value with \"quotes\" and: colon" """.TrimEnd(), await _stage.ReadAsync("values.yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_hold_a_password_once_for_each_resource_that_uses_it_and_never_its_text()
    {
        _stage.Configuration["Parameters:word"] = "the text";
        await _stage.PublishAsync(builder =>
        {
            builder.AddKubernetesEnvironment("k8s").WithDashboard(false);
            var word = builder.AddParameter("word", secret: true);
            builder.AddContainer("first", "a").WithEnvironment("A", word).WithEnvironment("B", word);
            builder.AddContainer("second-one", "b").WithEnvironment("A", word);
        });

        Assert.Equal(
            """
            parameters: {}
            secrets:
              first:
                word: ""
              second_one:
                word: ""
            config: {}

            """,
            await _stage.ReadAsync("values.yaml"));
    }

    [Fact]
    public async Task A_connection_string_in_a_chart_takes_the_password_that_only_the_server_has_a_value_for()
    {
        await _stage.PublishAsync(builder =>
        {
            builder.AddKubernetesEnvironment("k8s").WithDashboard(false);
            var cache = builder.AddRedis("cache");
            builder.AddContainer("app", "a").WithEnvironment("REDIS", cache.Resource.ConnectionStringExpression);
        });

        // The real publisher declares no secrets.app.cache_password: whoever wants the chart to work sets the password as a variable of its own, too.
        Assert.Contains(
            """REDIS: "cache-service:6379,password={{ .Values.secrets.app.cache_password }}" """.TrimEnd(),
            await _stage.ReadAsync("templates", "app", "secrets.yaml"), StringComparison.Ordinal);
        Assert.Contains("secrets:\n  cache:\n    cache_password: \"\"\n  app:\n    REDIS: \"\"\n", await _stage.ReadAsync("values.yaml"), StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Snapshot(string name) =>
        FilesBelow(Repository.PathOf("eng", "feed", "aspire", "tests", "Aspire.Hosting.Tests", "Snapshots", name));

    private static Dictionary<string, string> FilesBelow(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetRelativePath(folder, file), File.ReadAllText);
}
