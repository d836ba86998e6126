# What is answered with 250 is there, whole and once, whatever an administrator or a flood
# does to the services meanwhile: under a systemd that has booted, eight clients hand in
# mail, while the socket is restarted, sessions are killed and stopped, and the manager
# reads its configuration anew.
use strict;
use warnings;
use lib 'tests/lib';
use POSIX qw(_exit);
use Test::More;
use Time::HiRes qw(sleep time);
use PeerTest;
use Booted;

plan skip_all => 'is for the plain build' if $ENV{SANITIZED};
need_machine();

use constant { CLIENTS => 8, SECONDS => 40 };

my $line = qr/[^\r\n]*\r\n/;
my $root = installed_root();
my $mail = "$root/var/lib/mail-stdio";
boot();
inside_ok('mailstore add -n bob@example.com');
inside_ok('systemctl enable --now smtp-stdio.socket');

# A message that shows whether it is whole: what it ends with is what it begins with
sub text
{
	my ($name) = @_;
	return "Subject: $name\r\n\r\n" . "$name ...................................................\r\n" x 2000 . "end $name\r\n";
}

# Hands in mail until the time is over; a name goes into the ledger when it has its 250.
sub client
{
	my ($number, $ledger, $end) = @_;
	open my $file, '>', $ledger or _exit(1);
	$file->autoflush(1);

	for (my $n = 0; time < $end; $n++) {
		my $name = "letter-$number-$n";
		my $socket = eval { connect_from("127.2.0.$number", 25) } or next;
		my $said = talk($socket, qr/\A220 $line\z/,
			["EHLO client.example\r\n", qr/^250 $line\z/m],
			["MAIL FROM:<a\@example.org>\r\n", qr/^250 $line\z/],
			["RCPT TO:<bob\@example.com>\r\n", qr/^250 $line\z/],
			["DATA\r\n", qr/^354 $line\z/],
			[text($name) . ".\r\n", qr/^$line\z/],
			["QUIT\r\n", qr/^221 $line\z/]);
		print $file "$name\n" if $said =~ /^354 ${line}250 /m;
	}
	_exit(0);
}

my $dir = scratch_dir();
my $end = time + SECONDS;
my @clients = map {
	my $pid = fork // die "fork: $!\n";
	client($_, "$dir/$_", $end) if !$pid;
	$pid;
} 1 .. CLIENTS;

my @done = (
	['restart', 'systemctl restart smtp-stdio.socket'],
	['kill', 'systemctl kill -s KILL "smtp-stdio@*.service"'],
	['reload', 'systemctl daemon-reload'],
	['stop', 'systemctl stop "smtp-stdio@*.service"'],
	['kill one', 'set -- $(pidof smtp-stdio); kill -KILL ${1:-$$}'],
);
my %times;
for (my $i = 0; time < $end; $i++) {
	my ($name, $script) = @{ $done[$i % @done] };
	inside(['sh', '-c', $script]);
	$times{$name}++;
	sleep rand 0.7;
}
diag('done meanwhile: ', join ', ', map { "$_ $times{$_} times" } sort keys %times);
my @status = map { waitpid $_, 0; $? } @clients;
is("@status", join(' ', (0) x CLIENTS), 'the clients come to an end');

my @acknowledged = map { split /\n/, slurp("$dir/$_") } 1 .. CLIENTS;
my (%there, @broken);
for my $path (stored($mail, 'bob@example.com')) {
	my $text = text_of(slurp($path));
	my ($name) = $text =~ /^Subject: (\S+)$/m;
	$there{ $name // '' }++;
	push @broken, $path if $text ne text($name // '') =~ s/\r//gr;
}
diag(scalar(@acknowledged), ' letters acknowledged, ', scalar(keys %there), ' are there');
cmp_ok(scalar @acknowledged, '>', 50, 'mail was taken all the time');
is(join(' ', grep { !$there{$_} } @acknowledged), '', 'each letter that was acknowledged is there');
is(join(' ', grep { $there{$_} > 1 } sort keys %there), '', 'once');
is(join(' ', @broken), '', 'and whole, as is each other');
ok(until_true(sub { !instances('smtp-stdio') }), 'no session stays');
is(said('systemctl', 'is-active', 'smtp-stdio.socket'), "active\n", 'and the socket is there');
said('mailstore', 'check', '-r');
my ($status, $out) = inside(['mailstore', 'check']);
is("$status$out", '0', 'the store is in order');
power_off();
done_testing();
