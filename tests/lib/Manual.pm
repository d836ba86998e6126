# For tests that do what the manual pages show: the displays in them.
package Manual;
use strict;
use warnings;

use Exporter 'import';
use Test::More;
use PeerTest;

our @EXPORT = qw(commands display displays);

# The literal displays of a program's page that begin with this text.
sub displays
{
	my ($program, $beginning) = @_;
	my @displays = slurp("$program/$program.8") =~ /^\.Bd -literal[^\n]*\n(.*?)^\.Ed$/gms;

	@displays = map { s/\\e/\\/gr } grep { /\A\Q$beginning\E/ } @displays;
	ok(scalar @displays, "$program(8) has an example: " . ($beginning =~ s/\n.*//sr));
	return @displays;
}

# The first of them.
sub display
{
	return (displays(@_))[0] // '';
}

# The commands of that, one under the other with an empty line between them.
sub commands
{
	return split /\n\n/, display(@_);
}

1;
