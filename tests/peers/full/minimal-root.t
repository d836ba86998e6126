# A stranger's path: in a Debian root that holds a C compiler, make and perl and nothing
# else, a fresh clone shows its demo and passes its tests (those that need more say so).
# And `make serve` names what it misses.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use PeerTest;

need(root => '', mmdebstrap => 'mmdebstrap', git => 'git', unshare => 'util-linux');

# From where this machine gets its own packages
my ($status, $sources) = run(['apt-get', 'indextargets', '--format',
	'deb $(REPO_URI) $(CODENAME) $(COMPONENT)', 'Created-By: Packages', 'Origin: Debian']);
my @sources = split /\n/, $sources;
my ($suite) = map { /^deb \S+ (\S+)/ } @sources;
ok($suite, 'this machine knows a source of Debian packages') or BAIL_OUT('apt-get update first');

my $root = scratch_dir() . '/root';
my $error;
($status, undef, $error) = run(['mmdebstrap', '--quiet', '--mode=root', '--variant=essential',
	'--include=gcc,libc6-dev,make,perl', $suite, $root, @sources], seconds => 600);
is($status, 0, 'a minimal root') or BAIL_OUT($error);

# What is committed, and not what lies about here
($status, undef, $error) = run(['git', '-c', 'safe.directory=*', 'clone', '-q', '--no-hardlinks', '.', "$root/src"]);
is($status, 0, 'a fresh clone') or BAIL_OUT($error);

sub inside
{
	my ($command) = @_;
	my @result = run(['unshare', '--mount', "sh", '-c', <<'END', 'sh', $root, $command], seconds => 1200);
mount -t proc proc "$1/proc" &&
exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C sh -c "cd /src && $2"
END
	return @result;
}

# The end of what a command said is where it says what went wrong
sub last_lines
{
	my @lines = map { split /\n/ } @_;
	return join "\n", @lines > 40 ? @lines[-40 .. -1] : @lines;
}

my $out;
($status, $out, $error) = inside('make demo');
is($status, 0, 'make demo') or diag(last_lines($out, $error));
like($out, qr/^S: 250 2\.0\.0 .*^S: \+OK /ms, 'shows both conversations');

($status, $out, $error) = inside('make check');
is($status, 0, 'make check') or diag(last_lines($out, $error));
ok($out =~ /^Result: PASS$/m, 'passes');
my @skipped = $out =~ /^(\S+ \.* *skipped: .*)/mg;
note($_) for @skipped;
is(scalar(grep { !/needs \S/ } @skipped), 0, 'what is skipped says what it needs');

($status, $out, $error) = inside('BUILD=build tests/serve');
is(defined $status ? $status >> 8 : undef, 69, 'make serve cannot be');
like($out . $error, qr/\A[^\n]*apt-get install \S+\n\z/, 'and says in one line what to install');

done_testing();
