# A message, or a file to attach, of 200 MiB goes out through a little memory, which does not
# grow with its size; nothing is left behind.
use strict;
use warnings;
use lib 'tests/lib';
use Digest::SHA;
use MailTest;
use SendTest;

need('prlimit', 'util-linux');
need_plain_build();
my $octets = 200 << 20;
my $root = new_root('bob@example.com');
my $directory = new_file('x') =~ s{/x\z}{}r;
my @limits = ('prlimit', '--as=' . (48 << 20));         # the program itself, its libraries, and some room
my @send = ('-f', 'anna@example.org', 'bob@example.com');

# What arrives, without the trace: octets, and a digest
sub arrived {
	my ($name) = @_;
	my ($path, @more) = messages($root, 'bob@example.com');
	ok(defined $path && !@more, "$name: delivered") or return (0, '');
	open my $file, '<:raw', $path or die "$path: $!\n";
	my ($sha, $count, $in_trace) = (Digest::SHA->new(256), 0, 1);
	while (my $line = <$file>) {
		$in_trace = 0 if $in_trace && $line !~ /\A(?:Return-Path|Received): |\A\t/;
		next if $in_trace;
		$sha->add($line);
		$count += length $line;
	}
	unlink $path;
	return ($count, $sha->hexdigest);
}

# Writes a file of about so many octets.
sub file_of {
	my ($name, $head, $piece) = @_;
	open my $file, '>:raw', "$directory/$name" or die "$directory/$name: $!\n";
	print $file $head;
	my $block = $piece x int((1 << 20) / length $piece);
	print $file $block for 1 .. $octets / length $block;
	close $file or die "$directory/$name: $!\n";
	return "$directory/$name";
}

sub runs {
	my ($name, $input, $arguments) = @_;
	my $errors = own_file('');
	my ($output, $status) = run('', [ 'sh', '-c', 'input=$1; shift; exec "$@" <"$input"', 'sh', $input, @limits, program('smtp-send'), @$arguments ],
	    errors => $errors, limit => 280, environment => { MAIL_STDIO_LOG => 'syslog', TMPDIR => $directory });
	is($status, 0, "$name: sent") or diag(contents($errors));
	is(join(' ', map { s{.*/}{}r } grep { /smtp-send\./ } glob "$directory/*"), '', "$name: no copy is left");
}

my $message = file_of('message', "From: anna\@example.org\nSubject: big\n\n", "a line of some octets\n..\n");
my $digest = Digest::SHA->new(256)->addfile($message)->hexdigest;
for my $without ([], [ '-X', 'CHUNKING' ]) {
	my $name = "a big message @$without";
	runs($name, $message, [ @send, '--', program('smtp-stdio'), '-d', $root, '-m', 0, @$without ]);
	my ($count, $sha) = arrived($name);
	is($count, -s $message, "$name: its size");
	is($sha, $digest, "$name: octet for octet"); ## smtp-send-memory
}
unlink $message;

# A text that has to be encoded, and a file
my $text = file_of('text', '', "Gr\xc3\xbc\xc3\x9fe, und noch etwas Text dazu, der lang ist\n");
runs('a big text', $text, [ @send, '--', program('smtp-stdio'), '-d', $root, '-m', 0 ]);
my ($count) = arrived('a big text');
cmp_ok($count, '>', -s $text, 'a big text: encoded');
my $note = own_file("See there.\n");
runs('a big file', $note, [ '-A', $text, @send, '--', program('smtp-stdio'), '-d', $root, '-m', 0 ]);
($count) = arrived('a big file');
cmp_ok($count, '>', 4 / 3 * -s $text, 'a big file: in base 64');
done_testing;
