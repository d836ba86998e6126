# A machine that has booted: a minimal Debian with a systemd of its own, in a container,
# and this build installed on it.  The Debian system is made once, below build/, and never
# changed: a test has a layer of its own above it, which is gone with the test.
#
# Test and machine have a network of their own in common, with a loopback interface and
# nothing else: what the machine listens on, the test connects to, on the ports that
# everybody has, and no other test is in the way.
package Booted;
use strict;
use warnings;

use Exporter 'import';
use Cwd qw(getcwd);
use Fcntl qw(LOCK_EX);
use IO::Select;
use IO::Socket::INET;
use JSON::PP qw(decode_json);
use Socket qw(AF_INET SOCK_DGRAM);
use Test::More;
use PeerTest;

our @EXPORT = qw(boot connect_from inside inside_ok installed_root instances journal machine_root
	need_machine outcomes path_of power_off said);

my $cache = 'build/booted';
my @packages = qw(curl make stunnel4 systemd systemd-sysv xinetd);

# What the container's own filter of system calls leaves out, and a machine allows
my $allowed = '@sandbox landlock_create_ruleset landlock_add_rule landlock_restrict_self';

my @mounted;	# directories of machines
my @groups;	# directories of control groups that machines are in
my $root;	# the machine's root directory in one of them
my ($nspawn, $init);	# process ids: what start() has started, and the machine's first

# To begin with: all that a machine needs is there, or the test is left out; and from here
# on the test is in a network, and among mounts, of its own.
sub need_machine
{
	need(root => '', mmdebstrap => 'mmdebstrap', 'systemd-nspawn' => 'systemd-container',
		nsenter => 'util-linux', unshare => 'util-linux');
	if (!$ENV{IN_NAMESPACES}) {
		my $trouble = make_debian();
		$trouble = 'namespaces (unshare)' if !$trouble && system 'unshare', '--mount', '--net', 'true';
		if ($trouble) {
			plan skip_all => "needs $trouble" unless $ENV{STRICT};
			plan tests => 1;
			fail("needs $trouble");
			exit 1;
		}
		$ENV{IN_NAMESPACES} = 1;
		exec 'unshare', '--mount', '--net', $^X, $0;
	}
	socket my $socket, AF_INET, SOCK_DGRAM, 0 or die "socket: $!\n";
	my $up = pack 'a16s', 'lo', 0x41;	# IFF_UP | IFF_RUNNING
	ioctl $socket, 0x8914, $up or die "lo: $!\n";	# SIOCSIFFLAGS
}

# Makes the Debian system, from where this machine has its own packages.  Who comes first
# makes it, the others wait.  Returns what is in the way, or nothing.
sub make_debian
{
	my $made = "$cache/debian";

	system 'mkdir', '-p', '-m', '700', $cache;
	open my $lock, '>', "$cache/lock" or die "$cache/lock: $!\n";
	flock $lock, LOCK_EX or die "flock: $!\n";
	return if -d $made;
	my ($status, $sources, $error) = run(['apt-get', 'indextargets', '--format',
		'deb $(REPO_URI) $(CODENAME) $(COMPONENT)', 'Created-By: Packages', 'Origin: Debian']);
	my ($suite) = $sources =~ /^deb \S+ (\S+)/m or return 'a source of Debian packages (apt-get update)';
	run(['rm', '-rf', "$made.new"]);
	($status, undef, $error) = run(['mmdebstrap', '--quiet', '--mode=root', '--variant=minbase',
		'--include=' . join(',', @packages),
		(map { "--dpkgopt=path-exclude=/usr/share/$_/*" } qw(doc info locale man)),
		$suite, "$made.new", split /\n/, $sources], seconds => 600);
	return "a Debian system, which mmdebstrap did not make: $error" if !defined $status || $status != 0;
	rename "$made.new", $made or die "$made: $!\n";
	return;
}

# A machine that is whole, but not yet booted.  Returns its root directory.
sub machine_root
{
	my $dir = scratch_dir();

	system('mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', $dir) == 0 or die "no tmpfs\n";
	push @mounted, $dir;
	mkdir "$dir/$_" for 'changes', 'work', 'root';
	chmod 0755, "$dir/changes";
	$root = "$dir/root";
	system('mount', '-t', 'overlay', 'overlay', '-o',
		"lowerdir=$cache/debian,upperdir=$dir/changes,workdir=$dir/work", $root) == 0
		or system('cp', '-a', "$cache/debian/.", $root) == 0
		or die "no root directory\n";
	return $root;
}

# The same with this build installed.  With a certificate, that is where the units look for
# it, with its key.
sub installed_root
{
	my ($certificate) = @_;
	machine_root();
	local $ENV{MAKEFLAGS} = 'BUILD=' . ($ENV{BUILD} || 'build');
	my ($status, undef, $error) = run(['make', 'install', "DESTDIR=$root"], seconds => 120);

	BAIL_OUT("make install: $error") if !defined $status || $status != 0;
	return $root if !defined $certificate;
	mkdir "$root/etc/mail-stdio";
	chmod 0600, spew("$root/etc/mail-stdio/tls.pem", slurp($certificate));
	system("cp $root/usr/local/share/doc/mail-stdio/stunnel-*.conf $root/etc/mail-stdio") == 0 or die "cp failed\n";
	return $root;
}

# A control group for the machine, in each hierarchy that there is; for a systemd takes all
# groups below its own for its own ones, and two that share one take them from each other.
sub own_groups
{
	my %path = map { /^\d+:([^:]*):(.*)/ ? ($1 => $2) : () } split /\n/, slurp('/proc/self/cgroup');

	for (split /\n/, slurp('/proc/self/mountinfo')) {
		my ($top, $mount, $type, $options) = /^\d+ \d+ \S+ (\S+) (\S+) .* - (cgroup2?) \S+ (\S+)/ or next;
		my ($path) = map { $path{$_} } grep { $type eq 'cgroup2' ? $_ eq '' : $_ ne '' && ",$options," =~ /,\Q$_\E,/ } keys %path;
		next if !defined $path || $path !~ s/^\Q$top\E//;
		my $group = "$mount/$path/mail-stdio-test-$$" =~ s{/+}{/}gr;
		push @groups, $group if mkdir $group;
	}
}

# Boots the machine; it sees the tree of this project in /usr/src/mail-stdio.
sub boot
{
	my $log = "$root/../nspawn.log";
	my $enter = 'while [ "$1" != in ]; do (echo $$ >"$1/cgroup.procs") 2>/dev/null; shift; done; shift; exec "$@"';

	own_groups() if !@groups;
	# A second signal would be an order to end at once, and timeout gives one to its group, too
	$nspawn = start($log, 'sh', '-c', $enter, 'sh', @groups, 'in', 'timeout', '--foreground', '-k', '20', '900',
		'systemd-nspawn', '--quiet', '--register=no', '--keep-unit', '--directory', $root, "--machine=mail-stdio-$$",
		'--bind-ro=' . getcwd() . ':/usr/src/mail-stdio',
		'--capability=CAP_NET_ADMIN', "--system-call-filter=$allowed", '--boot');
	my $booted = until_true(sub {
		my ($container) = children($nspawn) or return 0;
		($init) = children($container) or return 0;
		return said('systemctl', 'is-system-running') =~ /^(?:running|degraded)/;
	}, 60);
	BAIL_OUT('the machine does not boot: ' . slurp($log)) if !$booted;
}

sub children
{
	my ($pid) = @_;
	open my $file, '<', "/proc/$pid/task/$pid/children" or return;
	return split ' ', readline($file) // '';
}

# Where a file of the machine is, seen from here, once it has booted.
sub path_of
{
	my ($path) = @_;
	return "/proc/$init/root$path";
}

sub power_off
{
	my $status = stop($nspawn, 'TERM', 120);

	($nspawn, $init) = ();
	return $status;
}

# Whoever ends the test ends the machine
$SIG{$_} = sub { exit 1 } for qw(HUP INT TERM);

END {
	my $status = $?;
	power_off() if $nspawn;
	# Else the directories could not be removed
	system 'umount', '--recursive', '--lazy', $_ for @mounted;
	system 'find', $_, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';' for @groups;
	$? = $status;
}

# Runs a command inside, as run() does.
sub inside
{
	my ($command, %how) = @_;
	return run(['nsenter', '-t', $init, '-a', '--', @$command], %how);
}

# What a command inside says, on standard output.
sub said
{
	my (@command) = @_;
	return (inside(\@command))[1];
}

# The same for the text of a shell script that has to succeed.
sub inside_ok
{
	my ($script, %how) = @_;
	my ($status, $out, $error) = inside(['sh', '-ec', $script], %how);

	is($status, 0, $script =~ s/\n.*//sr) or diag($out, $error);
	return $out;
}

# A connection from this address to a port of the machine.
sub connect_from
{
	my ($address, $port) = @_;
	return IO::Socket::INET->new(LocalAddr => $address, PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 30)
		|| die "no connection to port $port: $@\n";
}

# How many of these connections are greeted, and how many closed without a word.
sub outcomes
{
	my %open = map { $_ => $_ } @_;
	my ($served, $closed) = (0, 0);
	my $deadline = time + 300;

	while (%open && time < $deadline) {
		for my $socket (IO::Select->new(values %open)->can_read(1)) {
			my $got = sysread $socket, my $said, 512;
			$got && $said =~ /^220 / ? $served++ : $closed++;
			delete $open{$socket};
		}
	}
	return ($served, $closed);
}

# The journal's entries that match (FIELD=value, ...): hash references with all fields,
# oldest first.  What was said before it was asked is in them.
sub journal
{
	my (@match) = @_;
	said('journalctl', '--sync');
	return map { decode_json($_) } split /\n/, said('journalctl', '--no-pager', '-o', 'json', '-a', @match);
}

# The sessions of a unit that the manager knows, ended ones that have left something too.
sub instances
{
	my ($unit) = @_;
	return said('systemctl', 'list-units', '--all', '--no-legend', '--plain', "$unit\@*.service") =~ /^(\S+)/mg;
}

1;
