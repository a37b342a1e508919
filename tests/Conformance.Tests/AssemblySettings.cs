using Sluice.Conformance.Tests;

// One server for all: tests only ask it.
[assembly: AssemblyFixture(typeof(ServerUnderTest))]
